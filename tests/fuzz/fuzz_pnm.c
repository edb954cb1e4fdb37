/* SPDX-License-Identifier: BSD-3-Clause
 *
 * fuzz_pnm.c: any bytes as a PBM, PGM, PPM or PAM file; see fuzz_image.h.
 */
#include "fuzz_image.h"

const char *const idf_fuzz_name = "fuzz_pnm";
const unsigned idf_fuzz_seeds = 12, idf_fuzz_runs = 100000;
void (*const idf_fuzz_repair)(uint8_t *data, size_t size) = NULL;

static idf_status create_any(idf_image_env *env, const idf_info *info, idf_buf *out,
                             idf_writer **writer)
{
  return idf_pnm_create(env, info, IDF_PNM_ANY, picture_write, out, writer);
}

static idf_status create_pam(idf_image_env *env, const idf_info *info, idf_buf *out,
                             idf_writer **writer)
{
  return idf_pnm_create(env, info, IDF_PNM_PAM, picture_write, out, writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const fuzz_image_create creates[] = {create_any, create_pam};
  fuzz_image(data, size, idf_pnm_open, idf_pnm_open, creates, 2);
  return 0;
}

void idf_fuzz_seed(unsigned i, idf_buf *buf)
{
  static const char *const texts[] = {"P1 3 2\n101010", "P2\n# gray\n3 1\n15\n0 7 15\n",
                                      "P3 1 2 1000\n0 1 2 998 999 1000\n", "P6 1 1 100\nab!"};
  /* Those with alpha need PAM. */
  static const idf_layout layouts[] = {IDF_GRAY, IDF_RGB, IDF_RGBA, IDF_GRAY_ALPHA};
  if (i < 4) {
    idf_put_bytes(buf, (const uint8_t *)texts[i], strlen(texts[i]));
    return;
  }
  const idf_info info = picture_info(5 + i, 4, layouts[i % 4], i < 8 ? 8 : i < 10 ? 1 : 16);
  fuzz_image_seed(i, &info, i % 4 < 2 ? create_any : create_pam, NULL, NULL, 0, buf);
}
