package io.throughline.journey.preview;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.MessageId;
import io.throughline.contracts.json.ContractJson;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * What a proposed policy would have changed.
 *
 * @param inForce the version of the policy it is compared with
 * @param changes ordered by journey, channel, category, rule
 * @param weeks how many contacts customers had in a week, ordered by that number
 * @param examples ordered by rule
 */
public record PreviewReport(
        Instant from,
        Instant to,
        int inForce,
        Totals totals,
        List<Change> changes,
        List<Weeks> weeks,
        List<Examples> examples) {

    /** Weeks with more contacts stand with those that have as many. */
    static final int MOST_CONTACTS = 50;

    /**
     * @param customers those for whom something was ready to go
     * @param attempts messages that were ready to go
     * @param allowedBefore by the policy in force
     * @param allowedAfter by the proposed one
     * @param stopped that would go no more
     * @param letThrough that would go now
     * @param refusedOtherwise that neither lets through, each by another rule
     * @param unlikeTheRecord of which the policy in force, replayed, says otherwise than what was
     *     done: the larger, the less the rest is worth
     */
    public record Totals(
            long customers,
            long attempts,
            long allowedBefore,
            long allowedAfter,
            long stopped,
            long letThrough,
            long refusedOtherwise,
            long unlikeTheRecord) {}

    /**
     * @param journey its key; empty for messages of none
     * @param rule of the proposed policy where it stops, of the one in force where it let through
     */
    public record Change(
            String journey,
            Channel channel,
            Category category,
            String rule,
            long stopped,
            long letThrough) {}

    /**
     * In how many weeks of how many customers there were so many contacts; weeks in which nothing
     * was ready to go to a customer are left out.
     *
     * @param contacts 50 stands for 50 and more
     */
    public record Weeks(int contacts, long before, long after) {}

    /** At most 20, by customer. */
    public record Examples(String rule, Effect effect, List<Example> messages) {}

    public record Example(CustomerId customer, MessageId message, Instant at) {}

    public enum Effect {
        STOPPED,
        LET_THROUGH;

        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The same report is the same bytes. */
    public String toJson() {
        try {
            return ContractJson.mapper().writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report is always JSON", e);
        }
    }
}
