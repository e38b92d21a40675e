package io.throughline.contracts;

import io.throughline.contracts.customer.CustomerEvent;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.erasure.ErasureConfirmed;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.WithdrawalRequested;
import io.throughline.contracts.policy.PolicyEvent;
import io.throughline.contracts.prediction.ScoresPredicted;
import java.util.List;

/**
 * What may travel on a topic. Not sealed only because Java wants a sealed family in one package;
 * {@link EventTypes} holds the closed list, and each topic's family is sealed: {@link
 * AcceptedEvent}, {@link CustomerEvent}, {@link MessageRequested}, {@link WithdrawalRequested},
 * {@link MessageEvent}, {@link DecisionEvent}, {@link ErasureConfirmed}, {@link ScoresPredicted},
 * {@link PolicyEvent}.
 */
public interface ContractEvent {

    /** The record key: one customer's story stays in order because all of it shares this key. */
    String partitionKey();

    /** The customers of whom it tells; empty where it tells of none, or nobody knows of whom. */
    default List<CustomerId> tellsOf() {
        return List.of();
    }
}
