/* SPDX-License-Identifier: GPL-2.0 */
/* Passthrough of the host's netmap rings by the e1000-paravirt device. */
#ifndef _E1000_PT_H_
#define _E1000_PT_H_

#include "e1000.h"

/*
 * All of these do nothing unless the module parameter paravirtual is set and
 * the NIC is an e1000-paravirt whose backend passes rings through.
 */

/* Before register_netdev: from the moment users see it, it is a netmap port. */
void e1000_pt_probe(struct e1000_adapter *adapter);

/* The device sleeps or goes: netmap's users get errors, the rings go back. */
void e1000_pt_detach(struct e1000_adapter *adapter);

/* The device woke up: netmap may open it again. */
void e1000_pt_attach(struct e1000_adapter *adapter);

/* After unregister_netdev. */
void e1000_pt_remove(struct e1000_adapter *adapter);

bool __e1000_pt_drop(struct e1000_adapter *adapter, struct sk_buff *skb);

/* Takes a packet that the stack sends while the rings are passed through. */
static inline bool e1000_pt_drop(struct e1000_adapter *adapter,
				 struct sk_buff *skb)
{
	return adapter->pt && __e1000_pt_drop(adapter, skb);
}

#endif /* _E1000_PT_H_ */
