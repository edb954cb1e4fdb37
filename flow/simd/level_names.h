/* SPDX-License-Identifier: BSD-3-Clause
 *
 * level_names.h: names of the functions that are compiled once for each level of kernels.h.
 *
 * The walk and its loops over sites are plain C, which compilers vectorise. Their objects for a
 * level are compiled with the flags of that level and with IDF_LEVEL_SUFFIX, which gives each
 * function here a name of its own. Without it they are level `none`, the definition.
 */
#ifndef IDF_FLOW_LEVEL_NAMES_H
#define IDF_FLOW_LEVEL_NAMES_H

#if defined(IDF_LEVEL_SUFFIX)
#define IDF_LEVEL_PASTE(name, suffix) name##suffix
#define IDF_LEVEL_NAME(name, suffix) IDF_LEVEL_PASTE(name, suffix)
#define IDF_AT_LEVEL(name) IDF_LEVEL_NAME(name, IDF_LEVEL_SUFFIX)
#define idf_adaptive_predictor IDF_AT_LEVEL(idf_adaptive_predictor)
#define idf_linear_predictor IDF_AT_LEVEL(idf_linear_predictor)
#define idf_wave_walk IDF_AT_LEVEL(idf_wave_walk)
#define idf_wave_place IDF_AT_LEVEL(idf_wave_place)
#define idf_wave_row_solve IDF_AT_LEVEL(idf_wave_row_solve)
#define idf_wave_segments_start IDF_AT_LEVEL(idf_wave_segments_start)
#define idf_wave_segments_end IDF_AT_LEVEL(idf_wave_segments_end)
#define idf_wave_look IDF_AT_LEVEL(idf_wave_look)
#define idf_wave_predict IDF_AT_LEVEL(idf_wave_predict)
#define idf_wave_linear IDF_AT_LEVEL(idf_wave_linear)
#define idf_wave_linear_settle IDF_AT_LEVEL(idf_wave_linear_settle)
#define idf_linear_locate IDF_AT_LEVEL(idf_linear_locate)
#define idf_linear_spread IDF_AT_LEVEL(idf_linear_spread)
#define idf_rows_put IDF_AT_LEVEL(idf_rows_put)
#define idf_wave_look_back IDF_AT_LEVEL(idf_wave_look_back)
#define idf_sites_show IDF_AT_LEVEL(idf_sites_show)
#define idf_sites_propose IDF_AT_LEVEL(idf_sites_propose)
#define idf_sites_centre IDF_AT_LEVEL(idf_sites_centre)
#define idf_sites_prior IDF_AT_LEVEL(idf_sites_prior)
#define idf_sites_log2 IDF_AT_LEVEL(idf_sites_log2)
#define idf_sites_seen IDF_AT_LEVEL(idf_sites_seen)
#define idf_sites_settle IDF_AT_LEVEL(idf_sites_settle)
#define idf_refine_read IDF_AT_LEVEL(idf_refine_read)
#define idf_refine_move IDF_AT_LEVEL(idf_refine_move)
#define idf_refine_slope IDF_AT_LEVEL(idf_refine_slope)
#define idf_refine_learn IDF_AT_LEVEL(idf_refine_learn)
#endif

#endif
