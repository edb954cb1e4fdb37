/* SPDX-License-Identifier: BSD-3-Clause
 *
 * exif_tags.c: tables of tags: TIFF 6.0, and CIPA DC-008 (Exif 2.32), sections 4.6.4 to 4.6.6.
 */
#include "exif_tags.h"

static const idf_exif_word orientations[] = {{1, "as it is"},
                                             {2, "mirrored left to right"},
                                             {3, "turned by 180 degrees"},
                                             {4, "mirrored top to bottom"},
                                             {5, "mirrored along the main diagonal"},
                                             {6, "to be turned clockwise by 90 degrees"},
                                             {7, "mirrored along the other diagonal"},
                                             {8, "to be turned counterclockwise by 90 degrees"},
                                             {0, NULL}};
static const idf_exif_word units[] = {{1, "none"}, {2, "inch"}, {3, "centimetre"}, {0, NULL}};
static const idf_exif_word positions[] = {{1, "centered"}, {2, "co-sited"}, {0, NULL}};
static const idf_exif_word programs[] = {
    {1, "manual"},           {2, "normal"},    {3, "aperture priority"},
    {4, "shutter priority"}, {5, "creative"},  {6, "action"},
    {7, "portrait"},         {8, "landscape"}, {0, NULL}};
static const idf_exif_word meterings[] = {{1, "average"}, {2, "centre-weighted average"},
                                          {3, "spot"},    {4, "several spots"},
                                          {5, "pattern"}, {6, "partial"},
                                          {255, "other"}, {0, NULL}};
static const idf_exif_word lights[] = {{1, "daylight"}, {2, "fluorescent"},  {3, "tungsten"},
                                       {4, "flash"},    {9, "fine weather"}, {10, "cloudy"},
                                       {11, "shade"},   {255, "other"},      {0, NULL}};
static const idf_exif_word spaces[] = {{1, "sRGB"}, {65535, "not calibrated"}, {0, NULL}};
static const idf_exif_word modes[] = {{0, "auto"}, {1, "manual"}, {2, "auto bracket"}, {0, NULL}};
static const idf_exif_word balances[] = {{0, "auto"}, {1, "manual"}, {0, NULL}};
static const idf_exif_word scenes[] = {
    {0, "standard"}, {1, "landscape"}, {2, "portrait"}, {3, "night"}, {0, NULL}};
static const idf_exif_word levels[] = {{0, "normal"}, {1, "low"}, {2, "high"}, {0, NULL}};
static const idf_exif_word flashes[] = {{0, "did not fire"},
                                        {1, "fired"},
                                        {5, "fired, no return light"},
                                        {7, "fired, return light"},
                                        {8, "did not fire, off"},
                                        {9, "fired, on"},
                                        {16, "did not fire, off"},
                                        {24, "did not fire, auto"},
                                        {25, "fired, auto"},
                                        {32, "there is none"},
                                        {0, NULL}};
static const idf_exif_word sensings[] = {{1, "not defined"},  {2, "one chip"},    {3, "two chips"},
                                         {4, "three chips"},  {5, "in sequence"}, {7, "trilinear"},
                                         {8, "line by line"}, {0, NULL}};
static const idf_exif_word heights[] = {{0, "above sea level"}, {1, "below sea level"}, {0, NULL}};

#define PLAIN(tag, name)                                                                           \
  {                                                                                                \
    tag, IDF_EXIF_PLAIN, name, NULL                                                                \
  }
#define WORD(tag, name, words)                                                                     \
  {                                                                                                \
    tag, IDF_EXIF_WORD, name, words                                                                \
  }
#define AS(tag, name, form)                                                                        \
  {                                                                                                \
    tag, IDF_EXIF_##form, name, NULL                                                               \
  }

/* In the order of their tags. */
static const idf_exif_tag tags[] = {
    PLAIN(0x0100, "ImageWidth"),
    PLAIN(0x0101, "ImageLength"),
    PLAIN(0x0102, "BitsPerSample"),
    PLAIN(0x0103, "Compression"),
    PLAIN(0x0106, "PhotometricInterpretation"),
    PLAIN(0x010d, "DocumentName"),
    PLAIN(0x010e, "ImageDescription"),
    PLAIN(0x010f, "Make"),
    PLAIN(0x0110, "Model"),
    WORD(0x0112, "Orientation", orientations),
    PLAIN(0x0115, "SamplesPerPixel"),
    PLAIN(0x011a, "XResolution"),
    PLAIN(0x011b, "YResolution"),
    PLAIN(0x011c, "PlanarConfiguration"),
    WORD(0x0128, "ResolutionUnit", units),
    PLAIN(0x012d, "TransferFunction"),
    PLAIN(0x0131, "Software"),
    PLAIN(0x0132, "DateTime"),
    PLAIN(0x013b, "Artist"),
    PLAIN(0x013c, "HostComputer"),
    PLAIN(0x013e, "WhitePoint"),
    PLAIN(0x013f, "PrimaryChromaticities"),
    PLAIN(0x0211, "YCbCrCoefficients"),
    WORD(0x0213, "YCbCrPositioning", positions),
    PLAIN(0x0214, "ReferenceBlackWhite"),
    AS(0x02bc, "XMP", BYTES),
    PLAIN(0x4746, "Rating"),
    PLAIN(0x8298, "Copyright"),
    AS(0x829a, "ExposureTime", SECONDS),
    AS(0x829d, "FNumber", APERTURE),
    AS(0x83bb, "IPTC", BYTES),
    AS(0x8649, "Photoshop", BYTES),
    AS(0x8773, "InterColorProfile", BYTES),
    WORD(0x8822, "ExposureProgram", programs),
    PLAIN(0x8824, "SpectralSensitivity"),
    PLAIN(0x8827, "PhotographicSensitivity"),
    PLAIN(0x8830, "SensitivityType"),
    PLAIN(0x8832, "RecommendedExposureIndex"),
    PLAIN(0x9000, "ExifVersion"),
    PLAIN(0x9003, "DateTimeOriginal"),
    PLAIN(0x9004, "DateTimeDigitized"),
    PLAIN(0x9010, "OffsetTime"),
    PLAIN(0x9011, "OffsetTimeOriginal"),
    PLAIN(0x9012, "OffsetTimeDigitized"),
    AS(0x9101, "ComponentsConfiguration", BYTES),
    PLAIN(0x9102, "CompressedBitsPerPixel"),
    PLAIN(0x9201, "ShutterSpeedValue"),
    PLAIN(0x9202, "ApertureValue"),
    PLAIN(0x9203, "BrightnessValue"),
    PLAIN(0x9204, "ExposureBiasValue"),
    PLAIN(0x9205, "MaxApertureValue"),
    AS(0x9206, "SubjectDistance", METRES),
    WORD(0x9207, "MeteringMode", meterings),
    WORD(0x9208, "LightSource", lights),
    WORD(0x9209, "Flash", flashes),
    AS(0x920a, "FocalLength", LENGTH),
    PLAIN(0x9214, "SubjectArea"),
    AS(0x927c, "MakerNote", BYTES),
    AS(0x9286, "UserComment", COMMENT),
    PLAIN(0x9290, "SubsecTime"),
    PLAIN(0x9291, "SubsecTimeOriginal"),
    PLAIN(0x9292, "SubsecTimeDigitized"),
    PLAIN(0xa000, "FlashpixVersion"),
    WORD(0xa001, "ColorSpace", spaces),
    PLAIN(0xa002, "PixelXDimension"),
    PLAIN(0xa003, "PixelYDimension"),
    PLAIN(0xa20e, "FocalPlaneXResolution"),
    PLAIN(0xa20f, "FocalPlaneYResolution"),
    WORD(0xa210, "FocalPlaneResolutionUnit", units),
    PLAIN(0xa215, "ExposureIndex"),
    WORD(0xa217, "SensingMethod", sensings),
    AS(0xa300, "FileSource", BYTES),
    AS(0xa301, "SceneType", BYTES),
    AS(0xa302, "CFAPattern", BYTES),
    PLAIN(0xa401, "CustomRendered"),
    WORD(0xa402, "ExposureMode", modes),
    WORD(0xa403, "WhiteBalance", balances),
    PLAIN(0xa404, "DigitalZoomRatio"),
    AS(0xa405, "FocalLengthIn35mmFilm", LENGTH),
    WORD(0xa406, "SceneCaptureType", scenes),
    PLAIN(0xa407, "GainControl"),
    WORD(0xa408, "Contrast", levels),
    WORD(0xa409, "Saturation", levels),
    WORD(0xa40a, "Sharpness", levels),
    PLAIN(0xa40c, "SubjectDistanceRange"),
    PLAIN(0xa420, "ImageUniqueID"),
    PLAIN(0xa430, "CameraOwnerName"),
    PLAIN(0xa431, "BodySerialNumber"),
    PLAIN(0xa432, "LensSpecification"),
    PLAIN(0xa433, "LensMake"),
    PLAIN(0xa434, "LensModel"),
    PLAIN(0xa435, "LensSerialNumber"),
};

static const idf_exif_tag gps_tags[] = {
    PLAIN(0x0000, "GPSVersionID"),
    PLAIN(0x0001, "GPSLatitudeRef"),
    AS(0x0002, "GPSLatitude", ANGLE),
    PLAIN(0x0003, "GPSLongitudeRef"),
    AS(0x0004, "GPSLongitude", ANGLE),
    WORD(0x0005, "GPSAltitudeRef", heights),
    AS(0x0006, "GPSAltitude", METRES),
    AS(0x0007, "GPSTimeStamp", TIME),
    PLAIN(0x0008, "GPSSatellites"),
    PLAIN(0x0009, "GPSStatus"),
    PLAIN(0x000a, "GPSMeasureMode"),
    PLAIN(0x000b, "GPSDOP"),
    PLAIN(0x000c, "GPSSpeedRef"),
    PLAIN(0x000d, "GPSSpeed"),
    PLAIN(0x000e, "GPSTrackRef"),
    PLAIN(0x000f, "GPSTrack"),
    PLAIN(0x0010, "GPSImgDirectionRef"),
    PLAIN(0x0011, "GPSImgDirection"),
    PLAIN(0x0012, "GPSMapDatum"),
    PLAIN(0x0017, "GPSDestBearingRef"),
    PLAIN(0x0018, "GPSDestBearing"),
    AS(0x001b, "GPSProcessingMethod", COMMENT),
    AS(0x001c, "GPSAreaInformation", COMMENT),
    PLAIN(0x001d, "GPSDateStamp"),
    PLAIN(0x001e, "GPSDifferential"),
    AS(0x001f, "GPSHPositioningError", METRES),
};

const idf_exif_tag *idf_exif_tag_of(idf_exif_group group, uint32_t tag)
{
  const bool gps = group == IDF_EXIF_GPS;
  const idf_exif_tag *table = gps ? gps_tags : tags;
  const size_t count = gps ? sizeof gps_tags / sizeof *gps_tags : sizeof tags / sizeof *tags;

  for (size_t i = 0; i < count; i++)
    if (table[i].tag == tag)
      return &table[i];
  return NULL;
}
