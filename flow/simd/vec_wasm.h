/* SPDX-License-Identifier: BSD-3-Clause
 *
 * vec_wasm.h: the operations of vec.h in the 128-bit instructions of WebAssembly. SIMDe 0.7 would
 * spell a dozen of them out lane by lane.
 */
#ifndef IDF_FLOW_VEC_WASM_H
#define IDF_FLOW_VEC_WASM_H

#include <wasm_simd128.h>

/* One operation on each line: */
/* clang-format off */

typedef v128_t vi;
typedef v128_t vf;

#define IDF_VEC16 8
typedef v128_t vh;
static inline vh vh_load(const void *p) { return wasm_v128_load(p); }
static inline void vh_store(void *p, vh v) { wasm_v128_store(p, v); }
static inline vh vh_set(int16_t a) { return wasm_i16x8_splat(a); }
static inline vh vh_add(vh a, vh b) { return wasm_i16x8_add(a, b); }
static inline vh vh_sub(vh a, vh b) { return wasm_i16x8_sub(a, b); }
static inline vh vh_abs(vh a) { return wasm_i16x8_abs(a); }
static inline vh vh_above(vh a, vh b) { return wasm_i16x8_gt(a, b); }
#define vh_sll(a, n) wasm_i16x8_shl(a, n)
static inline vh vh_min(vh a, vh b) { return wasm_i16x8_min(a, b); }
static inline vh vh_max(vh a, vh b) { return wasm_i16x8_max(a, b); }
/* Shifts take their count modulo the bits of an element, and all counts here are below that. */
static inline vh vh_sra(vh a, unsigned n) { return wasm_i16x8_shr(a, n); }

static inline vi v_load(const void *p) { return wasm_v128_load(p); }
static inline void v_store(void *p, vi v) { wasm_v128_store(p, v); }
static inline vi v_set(int32_t a) { return wasm_i32x4_splat(a); }
static inline vi v_add(vi a, vi b) { return wasm_i32x4_add(a, b); }
static inline vi v_sub(vi a, vi b) { return wasm_i32x4_sub(a, b); }
static inline vi v_and(vi a, vi b) { return wasm_v128_and(a, b); }
static inline vi v_or(vi a, vi b) { return wasm_v128_or(a, b); }
#define v_sll(a, n) wasm_i32x4_shl(a, n)
#define v_sra(a, n) wasm_i32x4_shr(a, n)
#define v_srl(a, n) wasm_u32x4_shr(a, n)
static inline vi v_shift(vi a, unsigned n) { return wasm_i32x4_shr(a, n); }
static inline vi v_min(vi a, vi b) { return wasm_i32x4_min(a, b); }
static inline vi v_max(vi a, vi b) { return wasm_i32x4_max(a, b); }
static inline vi v_mul16(vi a, vi b) { return wasm_i16x8_mul(a, b); }
static inline vi v_mul(vi a, vi b) { return wasm_i32x4_mul(a, b); }
static inline vi v_dp(vi s, vi a, vi b) { return v_add(s, wasm_i32x4_dot_i16x8(a, b)); }
static inline vi v_reverse(vi a) { return wasm_i32x4_shuffle(a, a, 3, 2, 1, 0); }
static inline vi v_srav(vi a, vi n)
{
  return wasm_i32x4_make(wasm_i32x4_extract_lane(a, 0) >> wasm_i32x4_extract_lane(n, 0),
                         wasm_i32x4_extract_lane(a, 1) >> wasm_i32x4_extract_lane(n, 1),
                         wasm_i32x4_extract_lane(a, 2) >> wasm_i32x4_extract_lane(n, 2),
                         wasm_i32x4_extract_lane(a, 3) >> wasm_i32x4_extract_lane(n, 3));
}
static inline vi v_if_equal(vi a, vi b, vi x, vi y)
{
  return wasm_v128_bitselect(x, y, wasm_i32x4_eq(a, b));
}
static inline vi v_if_above(vi a, vi b, vi x, vi y)
{
  return wasm_v128_bitselect(x, y, wasm_i32x4_gt(a, b));
}
static inline vi v_gather(const int32_t *table, vi i)
{
  return wasm_i32x4_make(
      table[wasm_i32x4_extract_lane(i, 0)], table[wasm_i32x4_extract_lane(i, 1)],
      table[wasm_i32x4_extract_lane(i, 2)], table[wasm_i32x4_extract_lane(i, 3)]);
}
static inline vi v_load16(const int16_t *p) { return wasm_i32x4_load16x4(p); }
static inline void v_store16(int16_t *p, vi v)
{
  wasm_v128_store64_lane(p, wasm_i16x8_narrow_i32x4(v, v), 0);
}
static inline vi v_join(vi a, vi b)
{
  return wasm_i16x8_shuffle(a, b, 0, 8, 2, 10, 4, 12, 6, 14);
}
static inline vi vw_set(int16_t a) { return wasm_i16x8_splat(a); }
static inline vi vw_add(vi a, vi b) { return wasm_i16x8_add(a, b); }
static inline vi vw_min(vi a, vi b) { return wasm_i16x8_min(a, b); }
static inline vi vw_abs(vi a) { return wasm_i16x8_abs(a); }
static inline vi vw_sign(vi a, vi b)
{
  const vi minus = wasm_i16x8_shr(b, 15);
  return wasm_i16x8_sub(wasm_v128_xor(a, minus), minus);
}
/* This instruction saturates the one product that the others wrap: that of two -32768. The bound
 * in vec.h excludes it. */
static inline vi vw_round(vi a, vi b) { return wasm_i16x8_q15mulr_sat(a, b); }
static inline vi vw_sra(vi a, unsigned n) { return wasm_i16x8_shr(a, n); }
#define IDF_ZIPS 2
static inline void v_zip(vi out[IDF_ZIPS], vh a, vh b)
{
  out[0] = wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  out[1] = wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}
static inline vi v_lookup(const void *table, vi i) { return v_gather(table, i); }
static inline vi v_lookup16(const int16_t *table, vi i)
{
  return wasm_i32x4_make(
      table[wasm_i32x4_extract_lane(i, 0)], table[wasm_i32x4_extract_lane(i, 1)],
      table[wasm_i32x4_extract_lane(i, 2)], table[wasm_i32x4_extract_lane(i, 3)]);
}
static inline vi v_bits(vf a) { return a; }
static inline int64_t v_total(vi v)
{
  const v128_t pairs = wasm_i64x2_add(wasm_i64x2_extend_low_i32x4(v),
                                      wasm_i64x2_extend_high_i32x4(v));
  return wasm_i64x2_extract_lane(pairs, 0) + wasm_i64x2_extract_lane(pairs, 1);
}
static inline void vh_store_part(void *p, vi v) { v_store(p, v); }
static inline vi v_abs(vi a) { return wasm_i32x4_abs(a); }
static inline bool v_any_above(vi a, vi b) { return wasm_v128_any_true(wasm_i32x4_gt(a, b)); }
static inline vf vf_load(const float *p) { return wasm_v128_load(p); }
static inline void vf_store(float *p, vf v) { wasm_v128_store(p, v); }
static inline vf vf_set(float a) { return wasm_f32x4_splat(a); }
static inline vf vf_add(vf a, vf b) { return wasm_f32x4_add(a, b); }
static inline vf vf_sub(vf a, vf b) { return wasm_f32x4_sub(a, b); }
static inline vf vf_mul(vf a, vf b) { return wasm_f32x4_mul(a, b); }
static inline vf vf_div(vf a, vf b) { return wasm_f32x4_div(a, b); }
static inline vf vf_of(vi a) { return wasm_f32x4_convert_i32x4(a); }
/* Saturates where other machines give INT32_MIN; callers keep within [0, 65535]. */
static inline vi vf_trunc(vf a) { return wasm_i32x4_trunc_sat_f32x4(a); }
/* pmax(x, y) is x < y ? y : x, also if one is no number; a > b ? a : b is due. */
static inline vf vf_above(vf a, vf b) { return wasm_f32x4_pmax(b, a); }
/* pmin(x, y) is y < x ? y : x. */
static inline vf vf_below(vf a, vf b) { return wasm_f32x4_pmin(b, a); }

static inline void v_transpose(vi x[4])
{
  const vi a = wasm_i32x4_shuffle(x[0], x[1], 0, 4, 1, 5);
  const vi b = wasm_i32x4_shuffle(x[0], x[1], 2, 6, 3, 7);
  const vi c = wasm_i32x4_shuffle(x[2], x[3], 0, 4, 1, 5);
  const vi d = wasm_i32x4_shuffle(x[2], x[3], 2, 6, 3, 7);
  x[0] = wasm_i64x2_shuffle(a, c, 0, 2);
  x[1] = wasm_i64x2_shuffle(a, c, 1, 3);
  x[2] = wasm_i64x2_shuffle(b, d, 0, 2);
  x[3] = wasm_i64x2_shuffle(b, d, 1, 3);
}
/* clang-format on */

#endif
