package io.throughline.bench;

import io.throughline.contracts.message.SuppressionReason;
import io.vertx.core.buffer.Buffer;

/** What a customer does that ends messages at once. */
enum Denial {
    OPT_OUT("opt-out", SuppressionReason.OPTED_OUT, Person.Group.OPTING_OUT) {
        @Override
        Buffer request(Person person) {
            return Http.request(
                    "PUT",
                    "/api/consents",
                    Http.MARKETER,
                    """
                    {"identifier":"%s","channel":"sms","state":"opted_out","source":"bench"}\
                    """
                            .formatted(person.identifier()));
        }
    },

    CONVERSION("conversion", SuppressionReason.SILENCED, Person.Group.ORDERING) {
        @Override
        Buffer request(Person person) {
            return Http.request(
                    "POST",
                    "/v1/track",
                    Http.SITE,
                    """
                    {"userId":"%s","event":"%s","properties":{"order_id":"%s","total":52.10,"currency":"EUR"}}\
                    """
                            .formatted(person.user(), ORDER, person.user()));
        }
    };

    /** The event that is a conversion here. */
    static final String ORDER = "Order Completed";

    private final String word;
    private final SuppressionReason reason;
    private final Person.Group people;

    Denial(String word, SuppressionReason reason, Person.Group people) {
        this.word = word;
        this.reason = reason;
        this.people = people;
    }

    String word() {
        return word;
    }

    /** What the gate denies with afterwards. */
    SuppressionReason reason() {
        return reason;
    }

    Person.Group people() {
        return people;
    }

    /** To identity, by whom it concerns. */
    abstract Buffer request(Person person);
}
