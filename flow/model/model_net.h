/* SPDX-License-Identifier: BSD-3-Clause
 *
 * model_net.h: the parts of a model that the flow uses: its networks, or its linear predictors.
 */
#ifndef IDF_FLOW_MODEL_NET_H
#define IDF_FLOW_MODEL_NET_H

#include "linear_blocks.h"
#include "model.h"
#include "net.h"

/* The network for a group of so many planes. For one plane it is the network made for that, if the
 * model has one. */
const idf_net *idf_model_net_for(const idf_model *model, unsigned planes);
/* The linear predictors of a model that has no network; else NULL. */
const idf_linear *idf_model_linear(const idf_model *model);

#endif
