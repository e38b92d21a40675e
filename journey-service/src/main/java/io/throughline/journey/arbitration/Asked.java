package io.throughline.journey.arbitration;

import io.throughline.contracts.Channel;
import io.throughline.governance.GateAnswer;
import java.util.List;

/**
 * A planned contact and what the gate says of it.
 *
 * @param answers by the contact's channels
 */
record Asked(Planned planned, List<GateAnswer> answers) {

    Asked {
        answers = List.copyOf(answers);
        if (answers.size() != planned.channels().size()) {
            throw new IllegalArgumentException(
                    planned.channels().size() + " channels got " + answers.size() + " answers");
        }
    }

    Channel channel(int i) {
        return planned.channels().get(i);
    }

    /** Whether it is among the contacts that the gate counts, and so holds its place. */
    boolean counted() {
        return answers.stream().anyMatch(GateAnswer::counted);
    }
}
