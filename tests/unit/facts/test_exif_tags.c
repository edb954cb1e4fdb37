/* SPDX-License-Identifier: BSD-3-Clause
 *
 * test_exif_tags.c: names of tags, found in their group only, and each once.
 */
#include "exif_tags.h"
#include "unit.h"

#include <string.h>

int idf_suite_exif_tags(void);

static void names(void)
{
  CU_ASSERT_STRING_EQUAL(idf_exif_tag_of(IDF_EXIF_IMAGE, 0x10f)->name, "Make");
  CU_ASSERT_STRING_EQUAL(idf_exif_tag_of(IDF_EXIF_PHOTO, 0x829a)->name, "ExposureTime");
  CU_ASSERT_STRING_EQUAL(idf_exif_tag_of(IDF_EXIF_GPS, 2)->name, "GPSLatitude");
  CU_ASSERT_PTR_NULL(idf_exif_tag_of(IDF_EXIF_GPS, 0x10f));
  CU_ASSERT_PTR_NULL(idf_exif_tag_of(IDF_EXIF_IMAGE, 2));
  CU_ASSERT_PTR_NULL(idf_exif_tag_of(IDF_EXIF_IMAGE, 0x1010f));
}

static void tables(void)
{
  for (int group = IDF_EXIF_IMAGE; group <= IDF_EXIF_GPS; group++) {
    unsigned known = 0;
    const char *names_seen[256];
    for (uint32_t tag = 0; tag < 0x10000; tag++) {
      const idf_exif_tag *t = idf_exif_tag_of((idf_exif_group)group, tag);
      if (!t)
        continue;
      CU_ASSERT_EQUAL(t->tag, tag);
      CU_ASSERT_EQUAL(t->words != NULL, t->form == IDF_EXIF_WORD);
      for (unsigned i = 0; i < known; i++)
        CU_ASSERT_STRING_NOT_EQUAL(names_seen[i], t->name);
      CU_ASSERT_FATAL(known < 256);
      names_seen[known++] = t->name;
    }
    CU_ASSERT(known >= 25);
  }
}

int idf_suite_exif_tags(void)
{
  static const idf_unit_test tests[] = {
      {"names by group", names},
      {"every tag has one name and words if it needs them", tables},
      {NULL, NULL}};
  return idf_unit_suite("exif_tags", tests);
}
