package io.throughline.identity.resolution;

import io.throughline.contracts.Identifier;
import java.time.Duration;
import java.util.List;

/**
 * The rules of resolution, as data.
 *
 * @param version grows by one with every change
 * @param types strongest first: of two identifiers that disagree the one whose type stands higher
 *     says whose event it is
 * @param never values that identify nobody
 * @param largestProfile how many identifiers one customer may have; what would make more is refused
 *     and waits for somebody to look at it
 */
public record ResolutionRules(
        int version, List<TypeRule> types, List<Never> never, int largestProfile) {

    /**
     * Values that are not identifiers.
     *
     * @param type {@code *} for any
     * @param pattern of the whole normalised value, RE2 syntax, whatever its case
     */
    public record Never(String type, String pattern) {}

    public ResolutionRules {
        types = List.copyOf(types);
        never = List.copyOf(never);
    }

    /** What a new installation starts with. */
    public static ResolutionRules initial() {
        return new ResolutionRules(
                1,
                List.of(
                        new TypeRule(Identifier.USER_ID, true, 1, null, 0, false),
                        new TypeRule(Identifier.EMAIL, true, 5, null, 5, false),
                        new TypeRule(Identifier.PHONE, true, 5, null, 5, false),
                        new TypeRule("whatsapp_id", true, 5, null, 5, false),
                        new TypeRule("loyalty", true, 3, null, 5, false),
                        new TypeRule(TypeRule.ANY, true, 10, null, 5, false),
                        new TypeRule(Identifier.PUSH_TOKEN, true, 20, null, 5, true),
                        new TypeRule("device_id", true, 20, null, 5, true),
                        new TypeRule(
                                Identifier.ANONYMOUS_ID, true, 50, Duration.ofDays(30), 5, true)),
                List.of(
                        new Never(
                                TypeRule.ANY,
                                "null|nil|none|undefined|nan|n/?a|unknown|anonymous|guest|\\(not set\\)|not[ _]set|true|false|-1|\\[object object\\]|[0-]*"),
                        new Never(
                                Identifier.EMAIL,
                                "(no-?reply|do-?not-?reply|mailer-daemon|postmaster|hostmaster|webmaster|abuse|info|sales|office|contact|support|admin)@.*"),
                        new Never(
                                Identifier.EMAIL,
                                "(test|noemail|null|none|na)@(test|noemail|null|none|na|example)\\.(com|org|net)"),
                        new Never(Identifier.PHONE, "\\+1\\d{3}55501\\d\\d")),
                200);
    }
}
