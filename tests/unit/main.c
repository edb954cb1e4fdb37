/* SPDX-License-Identifier: BSD-3-Clause
 *
 * main.c: runs every unit test, or those whose "suite: test" holds the argument,
 * and reports each as a numbered ok / not ok line. CUnit's own summary follows:
 * its counts of assertions are the finer figure, the lines are what is counted.
 */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

/* One line a test file; tests/policy/house.sh checks that none is missing. */
#define SUITES(X)                                                                                  \
  X(adapt)                                                                                         \
  X(adaptive)                                                                                      \
  X(anypic)                                                                                        \
  X(api)                                                                                           \
  X(bank)                                                                                          \
  X(brief)                                                                                         \
  X(brief_pieces)                                                                                  \
  X(bytes)                                                                                         \
  X(candidates)                                                                                    \
  X(canvas)                                                                                        \
  X(chroma)                                                                                        \
  X(chunks)                                                                                        \
  X(cli)                                                                                           \
  X(coefs)                                                                                         \
  X(coefs_block)                                                                                   \
  X(coefs_full)                                                                                    \
  X(coefs_lean)                                                                                    \
  X(colour)                                                                                        \
  X(colours)                                                                                       \
  X(comment)                                                                                       \
  X(common)                                                                                        \
  X(compare)                                                                                       \
  X(completion)                                                                                    \
  X(component)                                                                                     \
  X(container)                                                                                     \
  X(conversion)                                                                                    \
  X(crc32c)                                                                                        \
  X(dct)                                                                                           \
  X(decoder)                                                                                       \
  X(decoder_facts)                                                                                 \
  X(decoder_brief)                                                                                 \
  X(decoder_jpeg)                                                                                  \
  X(decoder_rows)                                                                                  \
  X(decoder_tiles)                                                                                 \
  X(draw)                                                                                          \
  X(drawn)                                                                                         \
  X(decoder_view)                                                                                  \
  X(encoder)                                                                                       \
  X(evidence)                                                                                      \
  X(encoder_brief)                                                                                 \
  X(encoder_jpeg)                                                                                  \
  X(exif)                                                                                          \
  X(exif_tags)                                                                                     \
  X(exif_text)                                                                                     \
  X(field)                                                                                         \
  X(files)                                                                                         \
  X(fixed)                                                                                         \
  X(flow)                                                                                          \
  X(font)                                                                                          \
  X(fpenv)                                                                                         \
  X(grid)                                                                                          \
  X(heatmap)                                                                                       \
  X(history)                                                                                       \
  X(icc_text)                                                                                      \
  X(image)                                                                                         \
  X(image_jpeg)                                                                                    \
  X(image_png)                                                                                     \
  X(image_pnm)                                                                                     \
  X(inflate)                                                                                       \
  X(input)                                                                                         \
  X(inputs)                                                                                        \
  X(invert)                                                                                        \
  X(jpeg_band)                                                                                     \
  X(jpeg_huff)                                                                                     \
  X(jpeg_markers)                                                                                  \
  X(jpeg_meta)                                                                                     \
  X(jpeg_read)                                                                                     \
  X(jpeg_reason)                                                                                   \
  X(jpeg_side)                                                                                     \
  X(jpeg_write)                                                                                    \
  X(json)                                                                                          \
  X(kept_damage)                                                                                   \
  X(kept_file)                                                                                     \
  X(kept_record)                                                                                   \
  X(kernels)                                                                                       \
  X(knots)                                                                                         \
  X(known_colours)                                                                                 \
  X(latent)                                                                                        \
  X(lattice)                                                                                       \
  X(leastsq)                                                                                       \
  X(leastsq_segments)                                                                              \
  X(level)                                                                                         \
  X(linear)                                                                                        \
  X(linear_encode)                                                                                 \
  X(linear_fit)                                                                                    \
  X(literal)                                                                                       \
  X(luma)                                                                                          \
  X(mapsheet)                                                                                      \
  X(mem)                                                                                           \
  X(metatell)                                                                                      \
  X(mixed_bit)                                                                                     \
  X(mixer)                                                                                         \
  X(model)                                                                                         \
  X(names)                                                                                         \
  X(near)                                                                                          \
  X(net)                                                                                           \
  X(occur)                                                                                         \
  X(origin)                                                                                        \
  X(packed)                                                                                        \
  X(pack)                                                                                          \
  X(pairs)                                                                                         \
  X(photo)                                                                                         \
  X(pieces)                                                                                        \
  X(plan)                                                                                          \
  X(png_pixels)                                                                                    \
  X(png_tap)                                                                                       \
  X(pool)                                                                                          \
  X(preimage)                                                                                      \
  X(prior)                                                                                         \
  X(progress)                                                                                      \
  X(push)                                                                                          \
  X(rans)                                                                                          \
  X(raw)                                                                                           \
  X(recipe)                                                                                        \
  X(recipe_block)                                                                                  \
  X(recipe_row)                                                                                    \
  X(recover)                                                                                       \
  X(refine)                                                                                        \
  X(residual)                                                                                      \
  X(sandbox)                                                                                       \
  X(screen)                                                                                        \
  X(sha256)                                                                                        \
  X(sheet)                                                                                         \
  X(shrink)                                                                                        \
  X(sites)                                                                                         \
  X(siting)                                                                                        \
  X(solve)                                                                                         \
  X(sources)                                                                                       \
  X(steps)                                                                                         \
  X(starts)                                                                                        \
  X(streams)                                                                                       \
  X(survey)                                                                                        \
  X(tables)                                                                                        \
  X(text)                                                                                          \
  X(thumb)                                                                                         \
  X(tile)                                                                                          \
  X(run)                                                                                           \
  X(tool)                                                                                          \
  X(turns)                                                                                         \
  X(work)                                                                                          \
  X(values)                                                                                        \
  X(walk)                                                                                          \
  X(web)                                                                                           \
  X(whole)                                                                                         \
  X(worklist)

#define DECLARE(name) int idf_suite_##name(void);
SUITES(DECLARE)

#define ENTRY(name) {#name, idf_suite_##name},
static const struct {
  const char *name;
  int (*add)(void);
} suites[] = {SUITES(ENTRY)};

static bool wanted(const char *suite, const char *test, const char *filter)
{
  char line[512];
  snprintf(line, sizeof line, "%s: %s", suite, test);
  return !filter || strstr(line, filter) != NULL;
}

static void print_failures(void)
{
  for (const CU_FailureRecord *f = CU_get_failure_list(); f != NULL; f = f->pNext)
    printf("# %s:%u: %s\n", f->strFileName != NULL ? f->strFileName : "?", f->uiLineNumber,
           f->strCondition != NULL ? f->strCondition : "?");
}

int main(int argc, char **argv)
{
  const char *filter = argc > 1 ? argv[1] : NULL;
  unsigned ran = 0, failed = 0, asserts = 0, bad_asserts = 0;

  setvbuf(stdout, NULL, _IOLBF, 0);
  if (CU_initialize_registry() != CUE_SUCCESS) {
    fprintf(stderr, "unit: %s\n", CU_get_error_msg());
    return 1;
  }
  CU_set_error_action(CUEA_IGNORE);
  for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
    if (suites[i].add() != 0) {
      fprintf(stderr, "unit: suite %s was not added: %s\n", suites[i].name, CU_get_error_msg());
      CU_cleanup_registry();
      return 1;
    }

  for (CU_pSuite s = CU_get_registry()->pSuite; s != NULL; s = s->pNext)
    for (CU_pTest t = s->pTest; t != NULL; t = t->pNext) {
      if (!wanted(s->pName, t->pName, filter))
        continue;
      /* CU_run_test starts the counters and the list of failures afresh. */
      CU_ErrorCode code = CU_run_test(s, t);
      bool good = code == CUE_SUCCESS && CU_get_number_of_failures() == 0;
      ran++;
      failed += !good;
      asserts += CU_get_number_of_asserts();
      bad_asserts += CU_get_number_of_failures();
      if (!good)
        print_failures();
      printf("%s %u - %s: %s\n", good ? "ok" : "not ok", ran, s->pName, t->pName);
    }
  CU_cleanup_registry();
  printf("1..%u\n# CUnit: %u tests, %u failed; %u assertions, %u failed\n", ran, ran, failed,
         asserts, bad_asserts);
  if (ran == 0)
    fprintf(stderr, "unit: no test matches '%s'\n", filter != NULL ? filter : "");
  return failed != 0 || ran == 0;
}
