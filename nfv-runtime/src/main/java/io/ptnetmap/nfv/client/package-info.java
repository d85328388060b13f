// SPDX-License-Identifier: BSD-2-Clause
/**
 * A client of nodes for Vert.x: chains are applied and changed, watched and looked into, from a verticle or from any other
 * program.
 *
 * {@snippet :
 * NodeClient node = NodeClient.create(vertx, NodeClientOptions.fromEnvironment());
 * node.apply("edge", Descriptor.yaml(text), ChangeOptions.DEFAULT)
 *         .compose(node::awaitOperation)
 *         .compose(done -> node.events(EventFilter.of("edge")))
 *         .onSuccess(events -> events.handler(event -> log(event)));
 * }
 *
 * <p>Methods return Vert.x futures and may be called from any thread. A future fails with {@link
 * io.ptnetmap.nfv.client.NodeException} where the node refuses, and with {@link
 * io.ptnetmap.nfv.client.NodeUnreachableException} where there is no answer.
 */
package io.ptnetmap.nfv.client;
