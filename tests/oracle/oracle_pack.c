/* SPDX-License-Identifier: BSD-3-Clause
 *
 * oracle_pack.c: chapter 6 of idf(5), in its order: a stream of packed metadata.
 */
#include "oracle.h"

#define CONTEXTS 11

typedef struct pack {
  mixer mixer;
  weights match_set[10], place_set[32];
  curve curves[10];
  uint8_t *text;
  num at, *place, from, length, pos, rest, places;
  uint64_t type, word;
} pack;

/* ======== 6.1 The primer ======== */

static const struct {
  const char *type, *data;
  size_t size;
} primer[] = {
#define PIECE(type, data)                                                                          \
  {                                                                                                \
    type, data, sizeof data - 1                                                                    \
  }
#define TEXT(keyword, value) PIECE("tEXt", keyword "\0" value)
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
    TEXT("icc:model", "sRGB")};
#define PRIMERS (sizeof primer / sizeof *primer)

/* ======== 6.2 Contexts; the decisions are those of chapter 5 ======== */

/* The byte n places back, and the last n bytes as one number. */
static uint64_t back(const pack *s, num n)
{
  return n <= s->at ? s->text[s->at - n] : 0;
}

static uint64_t tail(const pack *s, num n)
{
  uint64_t v = 0;
  for (num i = n; i > 0; i--)
    v = 256 * v + back(s, i);
  return v;
}

/* `told`: the byte, or -1 when it is to be decoded. */
static num byte(pack *s, num told)
{
  const uint32_t base[CONTEXTS - 1] = {
      h(1, s->type << 8 | (uint64_t)least(s->pos, 255)),
      h(2, s->type << 8 | back(s, 1)),
      h(3, tail(s, 2)),
      h(4, tail(s, 3)),
      h(5, tail(s, 4)),
      h(6, tail(s, 6)),
      h(7, s->word << 8 | back(s, 1)),
      h(8, back(s, 2) << 8 | back(s, 4)),
      h(9, back(s, 12) << 16 | back(s, 2) << 8 | (uint64_t)(s->pos & 3)),
      h(10, s->type)};
  uint64_t partial = 1;
  for (int k = 0; k < 8; k++) {
    const uint64_t follows = s->length > 0 ? s->text[s->from] | 256u : 0;
    const num run = follows >> (8 - k) == partial ? s->length : 0;
    const num grade = run == 0 ? 0 : run < 8 ? 1 : run < 16 ? 2 : run < 31 ? 3 : 4;
    const num c = 2 * grade + (s->pos < 7);
    uint32_t context[CONTEXTS];
    for (int i = 0; i < CONTEXTS - 1; i++)
      context[i] = h(base[i], partial);
    context[CONTEXTS - 1] = h(11, run > 0 ? 2 * (uint64_t)run + (follows >> (7 - k) & 1) : 0);
    partial = 2 * partial
              + idf_oracle_decide(&s->mixer, context, CONTEXTS, &s->match_set[c],
                                  &s->place_set[8 * (s->pos & 3) + k], &s->curves[c],
                                  told < 0 ? -1 : (int)(told >> (7 - k) & 1));
  }
  return (num)(partial & 255);
}

/* ======== 6.3 After each byte ======== */

static void follow(pack *s, num v)
{
  if (s->length > 0 && s->text[s->from] == v) {
    s->from++;
    s->length = least(s->length + 1, 31);
  } else {
    s->length = 0;
  }
  if (s->at < 5)
    return;
  num *place = &s->place[h(12, tail(s, 5)) >> (32 - s->places)];
  if (s->length == 0 && *place > 0) {
    s->from = *place;
    while (s->length < 31 && s->length < s->from
           && s->text[s->from - 1 - s->length] == s->text[s->at - 1 - s->length])
      s->length++;
  }
  *place = s->at;
}

static void take(pack *s, num v, num room_left)
{
  s->text[s->at++] = (uint8_t)v;
  follow(s, v);
  const bool letter = (v >= 'A' && v <= 'Z') || (v >= 'a' && v <= 'z') || v >= 128;
  s->word = letter ? h(s->word, (uint64_t)v) : 0;
  s->pos++;
  if (s->pos == 4)
    s->type = tail(s, 4);
  if (s->pos == 7)
    s->rest = (num)(back(s, 3) | back(s, 2) << 8 | back(s, 1) << 16);
  else if (s->pos > 7)
    s->rest--;
  if (s->pos == 7 && s->rest > room_left)
    refuse(&s->mixer.words, "a piece of packed metadata is too long");
  if (s->pos >= 7 && s->rest == 0)
    s->pos = 0;
}

/* ======== 6. The stream ======== */

static void begin(pack *s, const tables *t, const source *in, num whole)
{
  idf_oracle_mixer_begin(&s->mixer, t, in, clamp(highest_bit(whole) + 6, 14, 22));
  idf_oracle_weights_begin(s->match_set, sizeof s->match_set);
  idf_oracle_weights_begin(s->place_set, sizeof s->place_set);
  idf_oracle_curves_begin(&s->mixer, s->curves, sizeof s->curves);
  s->text = room(in, whole, 1);
  s->places = clamp(highest_bit(whole) + 3, 10, 16);
  s->place = room(in, power(s->places), sizeof *s->place);
}

static void learn(pack *s, num v)
{
  byte(s, v);
  take(s, v, power(40));
}

/* The first ten pieces always, the one of XMP for bit 0 of `words`, three dates for bit 1, the rest
 * for bit 2. */
static bool learned(size_t i, num words)
{
  return i < 10 || (words >> (i == 10 ? 0 : i < 14 ? 1 : 2) & 1) != 0;
}

uint8_t *idf_oracle_unpack(const tables *t, source in, num words, num size)
{
  pack *s = room(&in, 1, sizeof *s);
  num whole = size;
  for (size_t i = 0; i < PRIMERS; i++)
    whole += learned(i, words) ? 7 + (num)primer[i].size : 0;
  begin(s, t, &in, whole);
  for (size_t i = 0; i < PRIMERS; i++) {
    if (!learned(i, words))
      continue;
    for (int k = 0; k < 4; k++)
      learn(s, (uint8_t)primer[i].type[k]);
    for (int k = 0; k < 3; k++)
      learn(s, (num)(primer[i].size >> (8 * k)) & 255);
    for (size_t k = 0; k < primer[i].size; k++)
      learn(s, (uint8_t)primer[i].data[k]);
  }
  idf_oracle_mixer_read(&s->mixer, in);
  uint8_t *out = room(&in, size, 1);
  for (num i = 0; i < size; i++) {
    out[i] = (uint8_t)byte(s, -1);
    take(s, out[i], size - i - 1);
  }
  if (s->pos != 0)
    refuse(&in, "packed metadata end in the wrong place");
  idf_oracle_mixer_end(&s->mixer);
  free(s->text);
  free(s->place);
  free(s);
  return out;
}
