/* SPDX-License-Identifier: BSD-3-Clause
 *
 * vec.h: the vector operations that kernels_body.h is written in, for the width IDF_VEC (4, 8 or 16
 * lanes of 32 bits), which the including file defines.
 *
 * All functions are static, so that no instruction of one level gets into another level's object.
 * Width 4 uses SIMDe, which is SSE4.1 itself where that exists, and otherwise what the machine has;
 * in WebAssembly it is vec_wasm.h.
 */
#ifndef IDF_FLOW_VEC_H
#define IDF_FLOW_VEC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifndef IDF_VEC
#define IDF_VEC 4
#endif

/* One operation on each line: */
/* clang-format off */

#if IDF_VEC >= 8
#include <immintrin.h>

/* 16 lanes of 16 bits, a block's, at either width. */
#define IDF_VEC16 16
typedef __m256i vh;
static inline vh vh_load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
static inline void vh_store(void *p, vh v) { _mm256_storeu_si256((__m256i *)p, v); }
static inline vh vh_set(int16_t a) { return _mm256_set1_epi16(a); }
static inline vh vh_add(vh a, vh b) { return _mm256_add_epi16(a, b); }
static inline vh vh_sub(vh a, vh b) { return _mm256_sub_epi16(a, b); }
static inline vh vh_abs(vh a) { return _mm256_abs_epi16(a); }
static inline vh vh_above(vh a, vh b) { return _mm256_cmpgt_epi16(a, b); } /* -1 or 0 */
#define vh_sll(a, n) _mm256_slli_epi16(a, n)
static inline vh vh_min(vh a, vh b) { return _mm256_min_epi16(a, b); }
static inline vh vh_max(vh a, vh b) { return _mm256_max_epi16(a, b); }
static inline vh vh_sra(vh a, unsigned n) { return _mm256_sra_epi16(a, _mm_cvtsi32_si128((int)n)); }
#endif

#if IDF_VEC == 16

typedef __m512i vi;
typedef __m512 vf;

static inline vi v_load(const void *p) { return _mm512_loadu_si512(p); }
static inline void v_store(void *p, vi v) { _mm512_storeu_si512(p, v); }
static inline vi v_set(int32_t a) { return _mm512_set1_epi32(a); }
static inline vi v_add(vi a, vi b) { return _mm512_add_epi32(a, b); }
static inline vi v_sub(vi a, vi b) { return _mm512_sub_epi32(a, b); }
static inline vi v_and(vi a, vi b) { return _mm512_and_si512(a, b); }
static inline vi v_or(vi a, vi b) { return _mm512_or_si512(a, b); }
#define v_sll(a, n) _mm512_slli_epi32(a, n)
#define v_sra(a, n) _mm512_srai_epi32(a, n)
static inline vi v_shift(vi a, unsigned n) /* v_sra by a variable */
{
  return _mm512_sra_epi32(a, _mm_cvtsi32_si128((int)n));
}
static inline vi v_min(vi a, vi b) { return _mm512_min_epi32(a, b); }
static inline vi v_max(vi a, vi b) { return _mm512_max_epi32(a, b); }
static inline vi v_mul16(vi a, vi b) { return _mm512_mullo_epi16(a, b); }
static inline vi v_mul(vi a, vi b) { return _mm512_mullo_epi32(a, b); }
static inline vi v_dp(vi s, vi a, vi b) { return _mm512_dpwssd_epi32(s, a, b); }
#define v_srl(a, n) _mm512_srli_epi32(a, n)
static inline vi v_srav(vi a, vi n) { return _mm512_srav_epi32(a, n); } /* a count per lane */
static inline vi v_reverse(vi a)
{
  return _mm512_permutexvar_epi32(
      _mm512_set_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), a);
}
static inline vi v_if_equal(vi a, vi b, vi x, vi y) /* a == b ? x : y */
{
  return _mm512_mask_mov_epi32(y, _mm512_cmpeq_epi32_mask(a, b), x);
}
static inline vi v_if_above(vi a, vi b, vi x, vi y) /* a > b ? x : y */
{
  return _mm512_mask_mov_epi32(y, _mm512_cmpgt_epi32_mask(a, b), x);
}
static inline vi v_gather(const int32_t *table, vi i)
{
  return _mm512_i32gather_epi32(i, table, 4);
}
static inline vi v_load16(const int16_t *p) /* 16 bits each */
{
  return _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)p));
}
static inline void v_store16(int16_t *p, vi v)
{
  _mm256_storeu_si256((__m256i *)p, _mm512_cvtepi32_epi16(v));
}
/* The lower halves of a, with those of b above them. */
static inline vi v_join(vi a, vi b)
{
  return _mm512_mask_blend_epi16(0xaaaaaaaau, a, _mm512_slli_epi32(b, 16));
}
/* Stores the 16 elements of 16 bits of a row of 8 pairs, or as many of them as a vector holds. */
static inline void vh_store_part(void *p, vi v) { vh_store(p, _mm512_castsi512_si256(v)); }
/* Vectors of 16-bit elements, twice as many as lanes. */
static inline vi vw_set(int16_t a) { return _mm512_set1_epi16(a); }
static inline vi vw_add(vi a, vi b) { return _mm512_add_epi16(a, b); }
static inline vi vw_min(vi a, vi b) { return _mm512_min_epi16(a, b); }
static inline vi vw_abs(vi a) { return _mm512_abs_epi16(a); }
static inline vi vw_sign(vi a, vi b) /* b may be 0 only where a is */
{
  return _mm512_mask_sub_epi16(a, _mm512_movepi16_mask(b), _mm512_setzero_si512(), a);
}
/* (a * b + 2^14) >> 15; not both are -2^15. */
static inline vi vw_round(vi a, vi b) { return _mm512_mulhrs_epi16(a, b); }
static inline vi vw_sra(vi a, unsigned n) { return _mm512_sra_epi16(a, _mm_cvtsi32_si128((int)n)); }
/* Interleaves the elements of a and b to pairs, in this many vectors. */
#define IDF_ZIPS 1
static inline void v_zip(vi out[IDF_ZIPS], vh a, vh b)
{
  out[0] = _mm512_or_si512(_mm512_cvtepu16_epi32(a),
                           _mm512_slli_epi32(_mm512_cvtepu16_epi32(b), 16));
}
/* table[i] for each lane's i in [0, 16); the table has 16 elements of 32 bits. */
static inline vi v_lookup(const void *table, vi i)
{
  return _mm512_permutexvar_epi32(i, v_load(table));
}
/* table[i] for each lane's i in [0, 64); the table has room for 65 elements of 16 bits. */
static inline vi v_lookup16(const int16_t *table, vi i)
{
  return v_sra(v_sll(_mm512_permutex2var_epi16(v_load(table), i, v_load(table + 32)), 16), 16);
}
/* The bits of a float. */
static inline vi v_bits(vf a) { return _mm512_castps_si512(a); }
/* The sum of all elements. */
static inline int64_t v_total(vi v)
{
  return _mm512_reduce_add_epi64(
      _mm512_add_epi64(_mm512_cvtepi32_epi64(_mm512_castsi512_si256(v)),
                       _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(v, 1))));
}
static inline vi v_abs(vi a) { return _mm512_abs_epi32(a); }
static inline bool v_any_above(vi a, vi b) { return _mm512_cmpgt_epi32_mask(a, b) != 0; }
static inline vf vf_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void vf_store(float *p, vf v) { _mm512_storeu_ps(p, v); }
static inline vf vf_set(float a) { return _mm512_set1_ps(a); }
static inline vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
static inline vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
static inline vf vf_div(vf a, vf b) { return _mm512_div_ps(a, b); }
static inline vf vf_of(vi a) { return _mm512_cvtepi32_ps(a); }
static inline vi vf_trunc(vf a) { return _mm512_cvttps_epi32(a); }
/* a > b ? a : b and a < b ? a : b; so the result is b if either is not a number. */
static inline vf vf_above(vf a, vf b)
{
  return _mm512_mask_mov_ps(b, _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), a);
}
static inline vf vf_below(vf a, vf b)
{
  return _mm512_mask_mov_ps(b, _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), a);
}

static inline void v_transpose(vi x[16])
{
  vi t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(x[i], x[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(x[i], x[i + 1]);
  }
  for (int i = 0; i < 16; i += 4)
    for (int k = 0; k < 2; k++) {
      x[i + 2 * k] = _mm512_unpacklo_epi64(t[i + k], t[i + 2 + k]);
      x[i + 2 * k + 1] = _mm512_unpackhi_epi64(t[i + k], t[i + 2 + k]);
    }
  for (int i = 0; i < 16; i += 8)
    for (int k = 0; k < 4; k++) {
      t[i + k] = _mm512_shuffle_i32x4(x[i + k], x[i + 4 + k], 0x88);
      t[i + 4 + k] = _mm512_shuffle_i32x4(x[i + k], x[i + 4 + k], 0xdd);
    }
  for (int k = 0; k < 8; k++) {
    x[k] = _mm512_shuffle_i32x4(t[k], t[8 + k], 0x88);
    x[8 + k] = _mm512_shuffle_i32x4(t[k], t[8 + k], 0xdd);
  }
}

#elif IDF_VEC == 8

typedef __m256i vi;
typedef __m256 vf;

static inline vi v_load(const void *p) { return _mm256_loadu_si256((const __m256i *)p); }
static inline void v_store(void *p, vi v) { _mm256_storeu_si256((__m256i *)p, v); }
static inline vi v_set(int32_t a) { return _mm256_set1_epi32(a); }
static inline vi v_add(vi a, vi b) { return _mm256_add_epi32(a, b); }
static inline vi v_sub(vi a, vi b) { return _mm256_sub_epi32(a, b); }
static inline vi v_and(vi a, vi b) { return _mm256_and_si256(a, b); }
static inline vi v_or(vi a, vi b) { return _mm256_or_si256(a, b); }
#define v_sll(a, n) _mm256_slli_epi32(a, n)
#define v_sra(a, n) _mm256_srai_epi32(a, n)
static inline vi v_shift(vi a, unsigned n)
{
  return _mm256_sra_epi32(a, _mm_cvtsi32_si128((int)n));
}
static inline vi v_min(vi a, vi b) { return _mm256_min_epi32(a, b); }
static inline vi v_max(vi a, vi b) { return _mm256_max_epi32(a, b); }
static inline vi v_mul16(vi a, vi b) { return _mm256_mullo_epi16(a, b); }
static inline vi v_mul(vi a, vi b) { return _mm256_mullo_epi32(a, b); }
static inline vi v_dp(vi s, vi a, vi b) { return v_add(s, _mm256_madd_epi16(a, b)); }
#define v_srl(a, n) _mm256_srli_epi32(a, n)
static inline vi v_srav(vi a, vi n) { return _mm256_srav_epi32(a, n); }
static inline vi v_reverse(vi a)
{
  return _mm256_permutevar8x32_epi32(a, _mm256_set_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline vi v_if_equal(vi a, vi b, vi x, vi y)
{
  return _mm256_blendv_epi8(y, x, _mm256_cmpeq_epi32(a, b));
}
static inline vi v_if_above(vi a, vi b, vi x, vi y)
{
  return _mm256_blendv_epi8(y, x, _mm256_cmpgt_epi32(a, b));
}
static inline vi v_gather(const int32_t *table, vi i)
{
  return _mm256_i32gather_epi32(table, i, 4);
}
static inline vi v_load16(const int16_t *p)
{
  return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(const void *)p));
}
static inline void v_store16(int16_t *p, vi v)
{
  __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(v, v), 0x08);
  _mm_storeu_si128((__m128i *)p, _mm256_castsi256_si128(packed));
}
static inline vi v_join(vi a, vi b)
{
  return _mm256_blend_epi16(a, _mm256_slli_epi32(b, 16), 0xaa);
}
static inline vi vw_set(int16_t a) { return _mm256_set1_epi16(a); }
static inline vi vw_add(vi a, vi b) { return _mm256_add_epi16(a, b); }
static inline vi vw_min(vi a, vi b) { return _mm256_min_epi16(a, b); }
static inline vi vw_abs(vi a) { return _mm256_abs_epi16(a); }
static inline vi vw_sign(vi a, vi b) { return _mm256_sign_epi16(a, b); }
static inline vi vw_round(vi a, vi b) { return _mm256_mulhrs_epi16(a, b); }
static inline vi vw_sra(vi a, unsigned n) { return _mm256_sra_epi16(a, _mm_cvtsi32_si128((int)n)); }
#define IDF_ZIPS 2
static inline void v_zip(vi out[IDF_ZIPS], vh a, vh b)
{
  const vi lo = _mm256_unpacklo_epi16(a, b), hi = _mm256_unpackhi_epi16(a, b);
  out[0] = _mm256_permute2x128_si256(lo, hi, 0x20);
  out[1] = _mm256_permute2x128_si256(lo, hi, 0x31);
}
static inline vi v_lookup(const void *table, vi i)
{
  const vi low = _mm256_permutevar8x32_epi32(v_load(table), i);
  const vi high = _mm256_permutevar8x32_epi32(v_load((const int32_t *)table + 8), i);
  return _mm256_blendv_epi8(low, high, _mm256_cmpgt_epi32(i, v_set(7)));
}
static inline vi v_lookup16(const int16_t *table, vi i)
{
  return v_sra(v_sll(_mm256_i32gather_epi32((const int *)(const void *)table, i, 2), 16), 16);
}
static inline vi v_bits(vf a) { return _mm256_castps_si256(a); }
static inline int64_t v_total(vi v)
{
  const __m256i sum = _mm256_add_epi64(_mm256_cvtepi32_epi64(_mm256_castsi256_si128(v)),
                                       _mm256_cvtepi32_epi64(_mm256_extracti128_si256(v, 1)));
  const __m128i both = _mm_add_epi64(_mm256_castsi256_si128(sum),
                                     _mm256_extracti128_si256(sum, 1));
  int64_t part[2];
  _mm_storeu_si128((__m128i *)part, both);
  return part[0] + part[1];
}
static inline void vh_store_part(void *p, vi v) { v_store(p, v); }
static inline vi v_abs(vi a) { return _mm256_abs_epi32(a); }
static inline bool v_any_above(vi a, vi b)
{
  return _mm256_movemask_epi8(_mm256_cmpgt_epi32(a, b)) != 0;
}
static inline vf vf_load(const float *p) { return _mm256_loadu_ps(p); }
static inline void vf_store(float *p, vf v) { _mm256_storeu_ps(p, v); }
static inline vf vf_set(float a) { return _mm256_set1_ps(a); }
static inline vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
static inline vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
static inline vf vf_div(vf a, vf b) { return _mm256_div_ps(a, b); }
static inline vf vf_of(vi a) { return _mm256_cvtepi32_ps(a); }
static inline vi vf_trunc(vf a) { return _mm256_cvttps_epi32(a); }
static inline vf vf_above(vf a, vf b)
{
  return _mm256_blendv_ps(b, a, _mm256_cmp_ps(a, b, _CMP_GT_OQ));
}
static inline vf vf_below(vf a, vf b)
{
  return _mm256_blendv_ps(b, a, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}

static inline void v_transpose(vi x[8])
{
  vi t[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_epi32(x[i], x[i + 1]);
    t[i + 1] = _mm256_unpackhi_epi32(x[i], x[i + 1]);
  }
  for (int i = 0; i < 8; i += 4)
    for (int k = 0; k < 2; k++) {
      x[i + 2 * k] = _mm256_unpacklo_epi64(t[i + k], t[i + 2 + k]);
      x[i + 2 * k + 1] = _mm256_unpackhi_epi64(t[i + k], t[i + 2 + k]);
    }
  for (int k = 0; k < 4; k++) {
    t[k] = _mm256_permute2x128_si256(x[k], x[4 + k], 0x20);
    t[4 + k] = _mm256_permute2x128_si256(x[k], x[4 + k], 0x31);
  }
  memcpy(x, t, sizeof t);
}

#elif defined(__wasm_simd128__)
#include "vec_wasm.h"

#else
#include <simde/x86/sse4.1.h>

typedef simde__m128i vi;
typedef simde__m128 vf;

#define IDF_VEC16 8
typedef simde__m128i vh;
static inline vh vh_load(const void *p) { return simde_mm_loadu_si128((const simde__m128i *)p); }
static inline void vh_store(void *p, vh v) { simde_mm_storeu_si128((simde__m128i *)p, v); }
static inline vh vh_set(int16_t a) { return simde_mm_set1_epi16(a); }
static inline vh vh_add(vh a, vh b) { return simde_mm_add_epi16(a, b); }
static inline vh vh_sub(vh a, vh b) { return simde_mm_sub_epi16(a, b); }
static inline vh vh_abs(vh a) { return simde_mm_abs_epi16(a); }
static inline vh vh_above(vh a, vh b) { return simde_mm_cmpgt_epi16(a, b); }
#define vh_sll(a, n) simde_mm_slli_epi16(a, n)
static inline vh vh_min(vh a, vh b) { return simde_mm_min_epi16(a, b); }
static inline vh vh_max(vh a, vh b) { return simde_mm_max_epi16(a, b); }
static inline vh vh_sra(vh a, unsigned n)
{
  return simde_mm_sra_epi16(a, simde_mm_cvtsi32_si128((int)n));
}

static inline vi v_load(const void *p) { return simde_mm_loadu_si128((const vi *)p); }
static inline void v_store(void *p, vi v) { simde_mm_storeu_si128((vi *)p, v); }
static inline vi v_set(int32_t a) { return simde_mm_set1_epi32(a); }
static inline vi v_add(vi a, vi b) { return simde_mm_add_epi32(a, b); }
static inline vi v_sub(vi a, vi b) { return simde_mm_sub_epi32(a, b); }
static inline vi v_and(vi a, vi b) { return simde_mm_and_si128(a, b); }
static inline vi v_or(vi a, vi b) { return simde_mm_or_si128(a, b); }
#define v_sll(a, n) simde_mm_slli_epi32(a, n)
#define v_sra(a, n) simde_mm_srai_epi32(a, n)
static inline vi v_shift(vi a, unsigned n)
{
  return simde_mm_sra_epi32(a, simde_mm_cvtsi32_si128((int)n));
}
static inline vi v_min(vi a, vi b) { return simde_mm_min_epi32(a, b); }
static inline vi v_max(vi a, vi b) { return simde_mm_max_epi32(a, b); }
static inline vi v_mul16(vi a, vi b) { return simde_mm_mullo_epi16(a, b); }
static inline vi v_mul(vi a, vi b) { return simde_mm_mullo_epi32(a, b); }
static inline vi v_dp(vi s, vi a, vi b) { return v_add(s, simde_mm_madd_epi16(a, b)); }
#define v_srl(a, n) simde_mm_srli_epi32(a, n)
static inline vi v_reverse(vi a) { return simde_mm_shuffle_epi32(a, 0x1b); }
static inline vi v_srav(vi a, vi n)
{
  int32_t v[4], by[4];
  v_store(v, a);
  v_store(by, n);
  for (int k = 0; k < 4; k++)
    v[k] >>= by[k];
  return v_load(v);
}
static inline vi v_if_equal(vi a, vi b, vi x, vi y)
{
  return simde_mm_blendv_epi8(y, x, simde_mm_cmpeq_epi32(a, b));
}
static inline vi v_if_above(vi a, vi b, vi x, vi y)
{
  return simde_mm_blendv_epi8(y, x, simde_mm_cmpgt_epi32(a, b));
}
static inline vi v_gather(const int32_t *table, vi i)
{
  int32_t at[4], out[4];
  v_store(at, i);
  for (int k = 0; k < 4; k++)
    out[k] = table[at[k]];
  return v_load(out);
}
static inline vi v_load16(const int16_t *p)
{
  return simde_mm_cvtepi16_epi32(simde_mm_loadl_epi64((const simde__m128i *)(const void *)p));
}
static inline void v_store16(int16_t *p, vi v)
{
  simde_mm_storel_epi64((vi *)p, simde_mm_packs_epi32(v, v));
}
static inline vi v_join(vi a, vi b)
{
  return simde_mm_blend_epi16(a, simde_mm_slli_epi32(b, 16), 0xaa);
}
static inline vi vw_set(int16_t a) { return simde_mm_set1_epi16(a); }
static inline vi vw_add(vi a, vi b) { return simde_mm_add_epi16(a, b); }
static inline vi vw_min(vi a, vi b) { return simde_mm_min_epi16(a, b); }
static inline vi vw_abs(vi a) { return simde_mm_abs_epi16(a); }
static inline vi vw_sign(vi a, vi b) { return simde_mm_sign_epi16(a, b); }
static inline vi vw_round(vi a, vi b) { return simde_mm_mulhrs_epi16(a, b); }
static inline vi vw_sra(vi a, unsigned n)
{
  return simde_mm_sra_epi16(a, simde_mm_cvtsi32_si128((int)n));
}
#define IDF_ZIPS 2
static inline void v_zip(vi out[IDF_ZIPS], vh a, vh b)
{
  out[0] = simde_mm_unpacklo_epi16(a, b);
  out[1] = simde_mm_unpackhi_epi16(a, b);
}
static inline vi v_lookup(const void *table, vi i)
{
  int32_t at[4], out[4];
  v_store(at, i);
  for (int k = 0; k < 4; k++)
    memcpy(&out[k], (const int32_t *)table + at[k], sizeof *out);
  return v_load(out);
}
static inline vi v_lookup16(const int16_t *table, vi i)
{
  int32_t at[4], out[4];
  v_store(at, i);
  for (int k = 0; k < 4; k++)
    out[k] = table[at[k]];
  return v_load(out);
}
static inline vi v_bits(vf a) { return simde_mm_castps_si128(a); }
static inline int64_t v_total(vi v)
{
  int32_t part[4];
  v_store(part, v);
  return (int64_t)part[0] + part[1] + part[2] + part[3];
}
static inline void vh_store_part(void *p, vi v) { v_store(p, v); }
static inline vi v_abs(vi a) { return simde_mm_abs_epi32(a); }
static inline bool v_any_above(vi a, vi b)
{
  return simde_mm_movemask_epi8(simde_mm_cmpgt_epi32(a, b)) != 0;
}
static inline vf vf_load(const float *p) { return simde_mm_loadu_ps(p); }
static inline void vf_store(float *p, vf v) { simde_mm_storeu_ps(p, v); }
static inline vf vf_set(float a) { return simde_mm_set1_ps(a); }
static inline vf vf_add(vf a, vf b) { return simde_mm_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return simde_mm_sub_ps(a, b); }
static inline vf vf_mul(vf a, vf b) { return simde_mm_mul_ps(a, b); }
static inline vf vf_div(vf a, vf b) { return simde_mm_div_ps(a, b); }
static inline vf vf_of(vi a) { return simde_mm_cvtepi32_ps(a); }
static inline vi vf_trunc(vf a) { return simde_mm_cvttps_epi32(a); }
static inline vf vf_above(vf a, vf b)
{
  return simde_mm_blendv_ps(b, a, simde_mm_cmpgt_ps(a, b));
}
static inline vf vf_below(vf a, vf b)
{
  return simde_mm_blendv_ps(b, a, simde_mm_cmplt_ps(a, b));
}

static inline void v_transpose(vi x[4])
{
  vi a = simde_mm_unpacklo_epi32(x[0], x[1]), b = simde_mm_unpackhi_epi32(x[0], x[1]);
  vi c = simde_mm_unpacklo_epi32(x[2], x[3]), d = simde_mm_unpackhi_epi32(x[2], x[3]);
  x[0] = simde_mm_unpacklo_epi64(a, c);
  x[1] = simde_mm_unpackhi_epi64(a, c);
  x[2] = simde_mm_unpacklo_epi64(b, d);
  x[3] = simde_mm_unpackhi_epi64(b, d);
}
#endif

/* v_zip that stores to memory. */
static inline void v_store_zip(void *p, vh a, vh b)
{
  vi pairs[IDF_ZIPS];
  v_zip(pairs, a, b);
  for (int i = 0; i < IDF_ZIPS; i++)
    v_store((int32_t *)p + i * IDF_VEC, pairs[i]);
}

/* Two neighbouring int16, repeated in every lane. */
static inline vi v_pair(const int16_t *p)
{
  int32_t both;
  memcpy(&both, p, sizeof both);
  return v_set(both);
}

#endif
