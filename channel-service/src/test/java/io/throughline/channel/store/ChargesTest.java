package io.throughline.channel.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.delivery.MessageState;
import io.throughline.channel.route.Receipt;
import io.throughline.contracts.Channel;
import io.throughline.contracts.policy.ContactPolicy.Refund;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a receipt does to a contact, by what the policy says. */
class ChargesTest {

    @ParameterizedTest
    @CsvSource({
        // becomes, the carrier's word, refund.undelivered, refund.expired, taken back before
        "FAILED,    UNDELIV 045, true,  false, false, TAKEN_BACK",
        "FAILED,    UNDELIV 045, false, false, false, STAYS",
        "FAILED,    REJECTD 001, true,  false, false, TAKEN_BACK",
        "FAILED,    DELETED 000, true,  false, false, TAKEN_BACK",
        "FAILED,    EXPIRED 000, true,  false, false, STAYS",
        "FAILED,    recalled,    true,  true,  false, STAYS",
        "FAILED,    EXPIRED 000, false, true,  false, TAKEN_BACK",
        "UNKNOWN,   UNKNOWN 000, true,  true,  false, STAYS",
        "SENT,      ENROUTE 000, true,  true,  false, STAYS",
        "DELIVERED, DELIVRD 000, true,  true,  false, STAYS",
        "DELIVERED, DELIVRD 000, true,  true,  true,  PUT_BACK"
    })
    void aReceiptChangesTheChargeAsThePolicySays(
            MessageState next,
            String word,
            boolean undelivered,
            boolean expired,
            boolean before,
            Charges.Change change) {
        Receipt receipt =
                new Receipt(
                        "carrier",
                        Channel.SMS,
                        "id",
                        null,
                        Receipt.Status.FAILED,
                        word,
                        Instant.EPOCH);
        assertThat(Charges.of(new Refund(undelivered, expired), next, receipt, before))
                .isEqualTo(change);
    }
}
