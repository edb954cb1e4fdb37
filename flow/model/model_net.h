/* SPDX-License-Identifier: BSD-3-Clause
 *
 * model_net.h: what the flow needs of a model: its network, or its linear predictors.
 */
#ifndef IDF_FLOW_MODEL_NET_H
#define IDF_FLOW_MODEL_NET_H

#include "linear_blocks.h"
#include "model.h"
#include "net.h"

/* The network for a group of so many planes: that for one plane alone, if there is one. */
const idf_net *idf_model_net_for(const idf_model *model, unsigned planes);
/* Predictors of a model that has these instead of networks; else NULL. */
const idf_linear *idf_model_linear(const idf_model *model);

#endif
