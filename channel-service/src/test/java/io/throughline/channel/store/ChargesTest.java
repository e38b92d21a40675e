package io.throughline.channel.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.delivery.Parts.Part;
import io.throughline.channel.route.Receipt.Status;
import io.throughline.contracts.policy.ContactPolicy.Refund;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What receipts do to a contact, by what the policy says. */
class ChargesTest {

    @ParameterizedTest
    @CsvSource({
        // becomes, the carrier's words, refund.undelivered, refund.expired, taken back before
        "FAILED,    UNDELIV, true,  false, false, TAKEN_BACK",
        "FAILED,    UNDELIV, false, false, false, STAYS",
        "FAILED,    REJECTD, true,  false, false, TAKEN_BACK",
        "FAILED,    DELETED, true,  false, false, TAKEN_BACK",
        "FAILED,    EXPIRED, true,  false, false, STAYS",
        "FAILED,    recalled, true,  true,  false, STAYS",
        "FAILED,    EXPIRED, false, true,  false, TAKEN_BACK",
        "FAILED,    UNDELIV, true,  false, true,  STAYS",
        "UNKNOWN,   UNKNOWN, true,  true,  false, STAYS",
        "SENT,      ENROUTE, true,  true,  false, STAYS",
        "DELIVERED, DELIVRD, true,  true,  false, STAYS",
        "DELIVERED, DELIVRD, true,  true,  true,  PUT_BACK",
        // a text of several parts: what arrived of it counts
        "FAILED,    DELIVRD DELIVRD UNDELIV, true, true, false, STAYS",
        "FAILED,    UNDELIV ENROUTE,         true, true, false, STAYS",
        "FAILED,    UNDELIV UNDELIV,         true, true, false, TAKEN_BACK",
        "FAILED,    UNDELIV UNKNOWN,         true, true, false, STAYS",
        "FAILED,    UNDELIV DELIVRD,         true, true, true,  PUT_BACK",
        // and one part that counts is enough, in whatever order they are told of
        "FAILED,    UNDELIV EXPIRED,         true, false, false, STAYS",
        "FAILED,    EXPIRED UNDELIV,         true, false, false, STAYS",
        "FAILED,    UNDELIV EXPIRED,         true, false, true,  PUT_BACK",
        "FAILED,    UNDELIV recalled,        true, true,  false, STAYS"
    })
    void receiptsChangeTheChargeAsThePolicySays(
            MessageState next,
            String words,
            boolean undelivered,
            boolean expired,
            boolean before,
            Charges.Change change) {
        assertThat(Charges.of(new Refund(undelivered, expired), next, parts(words), before))
                .isEqualTo(change);
    }

    private static List<Part> parts(String words) {
        return Arrays.stream(words.split(" ")).map(ChargesTest::part).toList();
    }

    private static Part part(String word) {
        Status status =
                switch (word) {
                    case "DELIVRD" -> Status.DELIVERED;
                    case "ENROUTE" -> Status.ENROUTE;
                    case "UNKNOWN" -> Status.UNKNOWN;
                    default -> Status.FAILED;
                };
        return new Part(status, word.equals(Receipts.RECALLED) ? word : word + " 000");
    }
}
