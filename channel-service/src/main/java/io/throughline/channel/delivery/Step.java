package io.throughline.channel.delivery;

import io.throughline.governance.GateAnswer;

/** What is done next with a claim that the gate has answered for. */
public sealed interface Step {

    /** Hand it over, within the lease. */
    record Go(Claim claim, GateAnswer.Allowed allowed) implements Step {}

    /** The gate knows nothing of the customer: give it what the ledgers know, and ask again. */
    record Hydrate(Claim claim) implements Step {}

    /** Nothing is handed over. */
    record Done(Outcome outcome) implements Step {}
}
