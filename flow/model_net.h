/* SPDX-License-Identifier: BSD-3-Clause
 *
 * model_net.h: what the flow needs of a model: its network.
 */
#ifndef IDF_FLOW_MODEL_NET_H
#define IDF_FLOW_MODEL_NET_H

#include "model.h"
#include "net.h"

const idf_net *idf_model_net(const idf_model *model);

#endif
