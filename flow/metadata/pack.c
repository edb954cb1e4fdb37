/* SPDX-License-Identifier: BSD-3-Clause
 *
 * pack.c: a context-mixing coder of bytes that knows where pieces begin.
 *
 * Each bit has eleven contexts: those that suit text (the last one to six bytes, the word), those
 * that suit binary tables (the bytes two, four and twelve back: an entry of a TIFF directory has
 * twelve), the place in the piece, and the byte that followed the longest repeated string.
 * idf(5), "PACKED METADATA".
 */
#include "pack.h"

#include <string.h>

#include "fixed.h"
#include "mixed_bit.h"

#define CONTEXTS 11
#define SLOT_BITS_MIN 14u
#define SLOT_BITS_MAX 22u
#define SLOTS_PER_BYTE_LOG2 6u
#define PLACE_BITS_MIN 10u /* size of the table of repeated strings */
#define PLACE_BITS_MAX 16u
#define PLACES_PER_BYTE_LOG2 3u
#define MATCH_MIN 5u /* shortest string, in bytes, that is found again */
#define MATCH_MAX 31u
#define ASK 1024u /* bytes between polls of `cancel` */
#define GRADES 5u /* classes of match length */

/* Bounds plain bytes per byte of stream. The mixer gives no bit more than 65504 / 65536, so no byte
 * takes less than 8 * 0.0007046 bits; the most is 1420. */
#define EXPANSION_MAX 1500u

/* Sets of weights, and what selects within them. */
enum {
  SETS_MATCH = 0,                       /* length of the match, whether in a head */
  SETS_PLACE = SETS_MATCH + 2 * GRADES, /* byte of a word of four, bit of the byte */
  SETS = SETS_PLACE + 32
};
#define CURVES (2 * GRADES)

#define PIECE(type, data)                                                                          \
  {                                                                                                \
    type, data, sizeof data - 1                                                                    \
  }
#define TEXT(keyword, value) PIECE("tEXt", keyword "\0" value)

/* Public words of public formats, ordered by kind, as in files. Learning all of them takes longer
 * than decoding a small icon, so the encoder says which sets it wants. */
static const struct {
  char type[5];
  const char *data;
  size_t size;
} primer[] = {
    PIECE("iCCP", "ICC profile\0\0"),
    PIECE("sRGB", "\0"),
    PIECE("gAMA", "\0\0\261\217"),
    PIECE("cHRM", "\0\0z&\0\0\200\204\0\0\372\0\0\0\200\350\0\0u0\0\0\352`\0\0:\230\0\0\027p"),
    PIECE("bKGD", "\0\377\0\377\0\377"),
    PIECE("sBIT", "\b\b\b\b"),
    PIECE("pHYs", "\0\0\v\023\0\0\v\023\001"),
    PIECE("tIME", "\007\344\001\001\f\0\0"),
    TEXT("Software", "www.inkscape.org"),
    TEXT("Software", "Adobe ImageReady"),
    PIECE("iTXt", "XML:com.adobe.xmp\0\0\0\0\0"
                  "<?xpacket begin=\"\357\273\277\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                  "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"Adobe XMP Core 5.6\">\n"
                  "   <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                  "      <rdf:Description rdf:about=\"\"\n"
                  "            xmlns:exif=\"http://ns.adobe.com/exif/1.0/\"\n"
                  "            xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\"\n"
                  "            xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n"
                  "            xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\"\n"
                  "            xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n"
                  "            xmlns:xmpMM=\"http://ns.adobe.com/xap/1.0/mm/\"\n"
                  "            xmlns:stRef=\"http://ns.adobe.com/xap/1.0/sType/ResourceRef#\"\n"
                  "            xmlns:stEvt=\"http://ns.adobe.com/xap/1.0/sType/ResourceEvent#\">\n"
                  "         <xmp:CreatorTool>Adobe Photoshop</xmp:CreatorTool>\n"
                  "         <xmpMM:History>\n"
                  "            <rdf:Seq>\n"
                  "               <rdf:li rdf:parseType=\"Resource\">\n"
                  "                  <stEvt:action>saved</stEvt:action>\n"
                  "                  <stEvt:instanceID>xmp.iid:</stEvt:instanceID>\n"
                  "                  <stEvt:when>2020-01-01T12:00:00Z</stEvt:when>\n"
                  "                  <stEvt:softwareAgent>Adobe Photoshop</stEvt:softwareAgent>\n"
                  "               </rdf:li>\n"
                  "            </rdf:Seq>\n"
                  "         </xmpMM:History>\n"
                  "         <dc:format>image/png</dc:format>\n"
                  "      </rdf:Description>\n"
                  "   </rdf:RDF>\n"
                  "</x:xmpmeta>\n"
                  "<?xpacket end=\"w\"?>"),
    TEXT("date:create", "2020-01-01T12:00:00+00:00"),
    TEXT("date:modify", "2020-01-01T12:00:00+00:00"),
    TEXT("date:timestamp", "2020-01-01T12:00:00+00:00"),
    TEXT("exif:ApertureValue", "400/100"),
    TEXT("exif:BitsPerSample", "8, 8, 8"),
    TEXT("exif:CFAPattern", "2, 0, 2, 0, 0, 1, 1, 2"),
    TEXT("exif:ColorSpace", "1"),
    TEXT("exif:Contrast", "0"),
    TEXT("exif:CustomRendered", "0"),
    TEXT("exif:DateTime", "2020:01:01 12:00:00"),
    TEXT("exif:DateTimeDigitized", "2020:01:01 12:00:00"),
    TEXT("exif:DateTimeOriginal", "2020:01:01 12:00:00"),
    TEXT("exif:DigitalZoomRatio", "1/1"),
    TEXT("exif:ExifOffset", "200"),
    TEXT("exif:ExposureBiasValue", "0/6"),
    TEXT("exif:ExposureMode", "0"),
    TEXT("exif:ExposureProgram", "2"),
    TEXT("exif:ExposureTime", "1/100"),
    TEXT("exif:FileSource", "3"),
    TEXT("exif:Flash", "0"),
    TEXT("exif:FNumber", "80/10"),
    TEXT("exif:FocalLength", "500/10"),
    TEXT("exif:FocalLengthIn35mmFilm", "50"),
    TEXT("exif:GainControl", "0"),
    TEXT("exif:GPSAltitude", "0/1"),
    TEXT("exif:GPSAltitudeRef", "0"),
    TEXT("exif:GPSDateStamp", "2020:01:01"),
    TEXT("exif:GPSInfo", "500"),
    TEXT("exif:GPSLatitude", "40/1, 30/1, 0/100"),
    TEXT("exif:GPSLatitudeRef", "N"),
    TEXT("exif:GPSLongitude", "10/1, 20/1, 0/100"),
    TEXT("exif:GPSLongitudeRef", "W"),
    TEXT("exif:GPSTimeStamp", "12/1, 0/1, 0/1"),
    TEXT("exif:ImageLength", "3000"),
    TEXT("exif:ImageWidth", "4000"),
    TEXT("exif:ISOSpeedRatings", "100"),
    TEXT("exif:LightSource", "0"),
    TEXT("exif:Make", "NIKON CORPORATION"),
    TEXT("exif:MaxApertureValue", "30/10"),
    TEXT("exif:MeteringMode", "5"),
    TEXT("exif:Model", "Canon EOS"),
    TEXT("exif:Orientation", "1"),
    TEXT("exif:PhotographicSensitivity", "100"),
    TEXT("exif:PixelXDimension", "4000"),
    TEXT("exif:PixelYDimension", "3000"),
    TEXT("exif:ResolutionUnit", "2"),
    TEXT("exif:Saturation", "0"),
    TEXT("exif:SceneCaptureType", "0"),
    TEXT("exif:SceneType", "1"),
    TEXT("exif:SensingMethod", "2"),
    TEXT("exif:Sharpness", "0"),
    TEXT("exif:ShutterSpeedValue", "600/100"),
    TEXT("exif:Software", "GIMP"),
    TEXT("exif:SubjectDistanceRange", "0"),
    TEXT("exif:SubSecTime", "00"),
    TEXT("exif:SubSecTimeDigitized", "00"),
    TEXT("exif:SubSecTimeOriginal", "00"),
    TEXT("exif:thumbnail:BitsPerSample", "8, 8, 8"),
    TEXT("exif:thumbnail:Compression", "6"),
    TEXT("exif:thumbnail:ImageLength", "120"),
    TEXT("exif:thumbnail:ImageWidth", "160"),
    TEXT("exif:thumbnail:JPEGInterchangeFormat", "1000"),
    TEXT("exif:thumbnail:JPEGInterchangeFormatLength", "10000"),
    TEXT("exif:thumbnail:PhotometricInterpretation", "6"),
    TEXT("exif:thumbnail:SamplesPerPixel", "3"),
    TEXT("exif:WhiteBalance", "0"),
    TEXT("exif:XResolution", "300/1"),
    TEXT("exif:YCbCrPositioning", "2"),
    TEXT("exif:YResolution", "300/1"),
    TEXT("icc:copyright", "Public Domain"),
    TEXT("icc:description", "GIMP built-in sRGB"),
    TEXT("icc:manufacturer", "GIMP"),
    TEXT("icc:model", "sRGB"),
};

typedef struct pack {
  idf_decide decide;
  bool silent;     /* only learns: the primer */
  uint8_t *text;   /* owned: primer and pieces */
  size_t at;       /* its known bytes */
  uint32_t *place; /* owned, 2^place_bits: where a string of MATCH_MIN bytes ended; 0: nowhere */
  unsigned place_bits;
  size_t from;     /* the byte that the match predicts */
  uint32_t length; /* of the match, saturating; 0: none */
  uint32_t pos;    /* in the piece, including the head */
  uint32_t type;
  uint32_t left; /* data bytes of this piece still to come */
  uint32_t word; /* hash of the letters just before */
} pack;

/* ---- what is known before the next bit ------------------------------------------------ */

/* The byte n places back, where 1 is the last; 0 before the start. */
static uint32_t back(const pack *p, size_t n)
{
  return n <= p->at ? p->text[p->at - n] : 0;
}

/* The last n bytes, n in 1 .. 8. */
static uint64_t last_bytes(const pack *p, unsigned n)
{
  uint64_t v = 0;
  for (unsigned i = n; i > 0; i--)
    v = v << 8 | back(p, i);
  return v;
}

/* Computes the contexts of the next byte. The bits of the byte are not yet included. The last
 * context is not among them, because it depends on the bit. */
static void look_at_bytes(const pack *p, uint32_t base[CONTEXTS - 1])
{
  const uint64_t order6 = last_bytes(p, 6);
  const uint32_t c1 = back(p, 1);
  base[0] = idf_mixer_hash(1, (uint64_t)p->type << 8 | IDF_MIN(p->pos, 255u));
  base[1] = idf_mixer_hash(2, (uint64_t)p->type << 8 | c1);
  base[2] = idf_mixer_hash(3, order6 & 0xffff);
  base[3] = idf_mixer_hash(4, order6 & 0xffffff);
  base[4] = idf_mixer_hash(5, order6 & 0xffffffff);
  base[5] = idf_mixer_hash(6, order6);
  base[6] = idf_mixer_hash(7, (uint64_t)p->word << 8 | c1);
  base[7] = idf_mixer_hash(8, back(p, 2) << 8 | back(p, 4));
  base[8] = idf_mixer_hash(9, back(p, 12) << 16 | back(p, 2) << 8 | (p->pos & 3));
  base[9] = idf_mixer_hash(10, p->type);
}

/* ---- what a byte changes -------------------------------------------------------------- */

static uint32_t *match_place(const pack *p)
{
  return &p->place[idf_mixer_hash(12, last_bytes(p, MATCH_MIN)) >> (32 - p->place_bits)];
}

/* Moves the match past `byte`, which was just taken, or looks for another. */
static void follow_match(pack *p, uint32_t byte)
{
  if (p->length > 0 && p->text[p->from] == byte) {
    p->from++;
    p->length = IDF_MIN(p->length + 1, MATCH_MAX);
  } else {
    p->length = 0;
  }
  if (p->at < MATCH_MIN)
    return;
  uint32_t *place = match_place(p);
  if (p->length == 0 && *place > 0) {
    p->from = *place;
    while (p->length < MATCH_MAX && p->length < p->from
           && p->text[p->from - 1 - p->length] == p->text[p->at - 1 - p->length])
      p->length++;
  }
  *place = (uint32_t)p->at;
}

/* Takes the next byte; `room` bytes of pieces follow it. False if no piece may have it there. */
static bool take_byte(pack *p, uint32_t byte, size_t room)
{
  p->text[p->at++] = (uint8_t)byte;
  follow_match(p, byte);
  const bool letter = (byte | 32) - 'a' < 26u || byte >= 128;
  p->word = letter ? idf_mixer_hash(p->word, byte) : 0;
  p->pos++;
  if (p->pos == IDF_PIECE_TYPE)
    p->type = (uint32_t)last_bytes(p, 4);
  if (p->pos == IDF_PIECE_HEAD) {
    p->left = idf_piece_size(p->text + p->at - IDF_PIECE_HEAD);
    if (p->left > room)
      return false;
  } else if (p->pos > IDF_PIECE_HEAD) {
    p->left--;
  }
  if (p->pos >= IDF_PIECE_HEAD && p->left == 0)
    p->pos = 0;
  return true;
}

/* ---- both directions ------------------------------------------------------------------ */

static uint32_t match_grade(uint32_t run)
{
  return run == 0 ? 0 : run < 8 ? 1 : run < 16 ? 2 : run < MATCH_MAX ? 3 : 4;
}

/* Codes `byte` (which the decoder ignores) and returns it. */
static uint32_t code_byte(pack *p, uint32_t byte)
{
  uint32_t base[CONTEXTS - 1], hash[CONTEXTS], partial = 1;
  const uint32_t head = p->pos < IDF_PIECE_HEAD;
  look_at_bytes(p, base);
  for (unsigned k = 0; k < 8; k++) {
    const uint32_t told = p->length > 0 ? p->text[p->from] | 256u : 0;
    const uint32_t run = told >> (8 - k) == partial ? p->length : 0;
    uint32_t bit = byte >> (7 - k) & 1;
    for (unsigned i = 0; i < CONTEXTS - 1; i++)
      hash[i] = idf_mixer_hash(base[i], partial);
    /* The table for large metadata is larger than the caches, and a bit takes less time than a
     * memory access. So the contexts of the next bit are fetched now, for a 0 and for a 1. */
    for (unsigned i = 0; i < CONTEXTS - 1 && k < 7; i++) {
      IDF_MIXER_FETCH(&p->decide.mixer, idf_mixer_hash(base[i], partial << 1));
      IDF_MIXER_FETCH(&p->decide.mixer, idf_mixer_hash(base[i], partial << 1 | 1));
    }
    hash[CONTEXTS - 1] = idf_mixer_hash(11, run > 0 ? run << 1 | (told >> (7 - k) & 1) : 0);
    const uint32_t curve = match_grade(run) * 2 + head;
    const idf_contexts from = {.hash = hash,
                               .count = CONTEXTS,
                               .set = {SETS_MATCH + curve, SETS_PLACE + (p->pos & 3) * 8 + k},
                               .curve = curve};
    if (p->silent) {
      idf_mixer_predict(&p->decide.mixer, &from);
      idf_mixer_learn(&p->decide.mixer, bit);
    } else {
      bit = idf_decide_bit(&p->decide, &from, bit);
    }
    partial = partial << 1 | bit;
  }
  return partial & 255;
}

static void pack_free(pack *p, idf_mem *mem)
{
  idf_mixer_free(&p->decide.mixer, mem);
  idf_free(mem, p->text);
  idf_free(mem, p->place);
}

#define PRIMER_PIECES (sizeof primer / sizeof *primer)

/* Whether piece i of the primer is learned with these sets of words. The first ten always are. */
static bool learned(size_t i, unsigned words)
{
  const unsigned set = i < 11 ? IDF_PACK_XMP : i < 14 ? IDF_PACK_DATES : IDF_PACK_TEXTS;
  return i < 10 || (words & set) != 0;
}

static size_t primer_size(unsigned words)
{
  size_t size = 0;
  for (size_t i = 0; i < PRIMER_PIECES; i++)
    size += learned(i, words) ? IDF_PIECE_HEAD + primer[i].size : 0;
  return size;
}

static void learn_bytes(pack *p, const uint8_t *data, size_t size)
{
  for (size_t k = 0; k < size; k++) {
    code_byte(p, data[k]);
    take_byte(p, data[k], SIZE_MAX);
  }
}

static void prime(pack *p, unsigned words)
{
  p->silent = true;
  for (size_t i = 0; i < PRIMER_PIECES; i++)
    if (learned(i, words)) {
      uint8_t head[IDF_PIECE_HEAD];
      idf_piece_head(head, primer[i].type, primer[i].size);
      learn_bytes(p, head, sizeof head);
      learn_bytes(p, (const uint8_t *)primer[i].data, primer[i].size);
    }
  p->silent = false;
}

static unsigned table_bits(unsigned bits, unsigned least, unsigned most)
{
  return IDF_MIN(IDF_MAX(bits, least), most);
}

/* Returns IDF_OK, or the memory status; then nothing is owned. */
static idf_status pack_init(pack *p, idf_mem *mem, unsigned words, size_t size)
{
  const size_t whole = primer_size(words) + size;
  const unsigned top = idf_top_bit((uint32_t)whole);
  *p = (pack){.place_bits = table_bits(top + PLACES_PER_BYTE_LOG2, PLACE_BITS_MIN, PLACE_BITS_MAX)};
  idf_status status = idf_mixer_init(
      &p->decide.mixer, mem, table_bits(top + SLOTS_PER_BYTE_LOG2, SLOT_BITS_MIN, SLOT_BITS_MAX),
      SETS, CURVES);
  if (status != IDF_OK)
    return status;
  p->text = idf_alloc(mem, whole, 1);
  p->place = idf_alloc(mem, (size_t)1 << p->place_bits, sizeof *p->place);
  if (!p->text || !p->place) {
    pack_free(p, mem);
    return idf_mem_status(mem);
  }
  prime(p, words);
  return IDF_OK;
}

static bool begins(const idf_plain_piece *piece, const char *with)
{
  const size_t n = strlen(with);
  return piece->size >= n && memcmp(piece->data, with, n) == 0;
}

unsigned idf_pack_words(const uint8_t *plain, size_t len)
{
  unsigned words = 0;
  idf_plain_piece piece;
  for (idf_cur cur = idf_cur_of(plain, len); idf_piece_next(&cur, &piece);) {
    if (begins(&piece, "XML:com.adobe.xmp"))
      words |= IDF_PACK_XMP;
    else if (begins(&piece, "date:"))
      words |= IDF_PACK_DATES;
    else if (begins(&piece, "exif:") || begins(&piece, "icc:"))
      words |= IDF_PACK_TEXTS;
  }
  return words;
}

/* Random bytes have 162 different values in a window of 256, give or take 7. Texts, tables and
 * profiles have fewer than a hundred. */
bool idf_pack_useless(const uint8_t *data, size_t size)
{
  const size_t windows = size / 256;
  size_t sum = 0;
  for (size_t w = 0; w < windows; w++) {
    bool met[256] = {false};
    unsigned values = 0;
    for (size_t i = 0; i < 256; i++) {
      values += !met[data[w * 256 + i]];
      met[data[w * 256 + i]] = true;
    }
    if (values < 130)
      return false;
    sum += values;
  }
  return windows > 0 && sum >= 152 * windows;
}

idf_status idf_pack_encode(idf_mem *mem, idf_cancel *cancel, unsigned words, const uint8_t *plain,
                           size_t len, idf_buf *out)
{
  idf_rans_enc enc;
  pack p;
  idf_status status = pack_init(&p, mem, words, len);
  if (status != IDF_OK)
    return status;
  idf_rans_enc_init(&enc, mem, 1);
  enc.cancel = cancel;
  p.decide.enc = &enc;
  for (size_t i = 0; i < len && status == IDF_OK; i++) {
    code_byte(&p, plain[i]);
    take_byte(&p, plain[i], len - i - 1);
    if (i % ASK == 0 && idf_cancelled(cancel))
      status = IDF_ERR_CANCELLED;
  }
  if (status == IDF_OK)
    status = idf_rans_finish(&enc, out);
  idf_rans_enc_free(&enc);
  pack_free(&p, mem);
  return status;
}

bool idf_pack_plausible(size_t len, uint64_t size)
{
  return size >= 1 && size <= IDF_PACK_MAX && size <= (uint64_t)EXPANSION_MAX * len;
}

idf_status idf_pack_decode(idf_mem *mem, idf_cancel *cancel, unsigned words, const uint8_t *data,
                           size_t len, uint8_t *plain, size_t size)
{
  idf_rans_dec dec;
  pack p;
  if (idf_rans_dec_init(&dec, data, len, 1) != IDF_OK)
    return IDF_ERR_CORRUPT;
  idf_status status = pack_init(&p, mem, words, size);
  if (status != IDF_OK)
    return status;
  p.decide.dec = &dec;
  for (size_t i = 0; i < size && status == IDF_OK; i++) {
    plain[i] = (uint8_t)code_byte(&p, 0);
    if (dec.bad || !take_byte(&p, plain[i], size - i - 1))
      status = IDF_ERR_CORRUPT;
    else if (i % ASK == 0 && idf_cancelled(cancel))
      status = IDF_ERR_CANCELLED;
  }
  if (status == IDF_OK && (p.pos != 0 || idf_rans_dec_finish(&dec) != IDF_OK))
    status = IDF_ERR_CORRUPT;
  pack_free(&p, mem);
  return status;
}
