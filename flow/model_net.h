/* SPDX-License-Identifier: BSD-3-Clause
 *
 * model_net.h: what the flow needs of a model: its network and its coefficients.
 */
#ifndef IDF_FLOW_MODEL_NET_H
#define IDF_FLOW_MODEL_NET_H

#include "model.h"
#include "net.h"
#include "survey.h"

const idf_net *idf_model_net(const idf_model *model);
/* The network for a group of so many planes: that for one plane alone, if there is one. */
const idf_net *idf_model_net_for(const idf_model *model, unsigned planes);
/* Coefficients for tiles that bring none; NULL: the model's least squares learn while coding. */
const idf_survey *idf_model_survey(const idf_model *model);

#endif
