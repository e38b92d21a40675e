package io.throughline.identity.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.CustomerId;
import io.throughline.contracts.Identifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The table of the rule. Customers are written as a letter, older ones first, with the identifiers
 * they hold; {@code u:} is a user id, {@code e:} an email, {@code p:} a phone, {@code a:} an
 * anonymous id.
 */
class ResolutionTest {

    private static final Map<String, String> TYPES =
            Map.of(
                    "u", Identifier.USER_ID,
                    "e", Identifier.EMAIL,
                    "p", Identifier.PHONE,
                    "a", Identifier.ANONYMOUS_ID);

    @ParameterizedTest(name = "{0} | {1} -> {2}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // who holds what        | the event       | outcome            | refused
                "-                       | a:1             | create a:1         | -",
                "-                       | u:1 e:1 a:1     | create u:1 e:1 a:1 | -",
                "A=a:1                   | a:1             | attach A           | -",
                "A=a:1                   | u:1 a:1         | attach A u:1       | -",
                "A=u:1                   | u:1 e:1 a:1     | attach A e:1 a:1   | -",
                "A=u:1,a:1               | a:1             | attach A           | -",
                "A=a:1 B=u:1             | u:1 a:1         | merge A<B          | -",
                "A=u:1 B=a:1             | u:1 a:1         | merge A<B          | -",
                "A=a:1 B=e:1 C=p:1       | e:1 p:1 a:1     | merge A<B,C        | -",
                "A=a:1 B=e:1             | u:1 e:1 a:1     | merge A<B u:1      | -",
                "A=a:1,a:2 B=u:1,e:1     | e:1 a:2         | merge A<B          | -",
                // a shared tablet: two people who both signed in
                "A=u:1,a:1               | u:2 a:1         | create u:2         | a:1@A",
                "A=u:1,a:1 B=u:2         | u:2 a:1         | attach B           | a:1@A",
                // a family's phone and mailbox
                "A=u:1,p:1 B=u:2         | u:2 e:2 p:1     | attach B e:2       | p:1@A",
                "A=u:1,e:1               | u:2 e:1         | create u:2         | e:1@A",
                // without a user id the stronger identifier says whose it is
                "A=u:1,e:1 B=u:2,a:1     | e:1 a:1         | attach A           | a:1@B",
                "A=u:1,e:1 B=u:2,p:1     | e:1 p:1 a:9     | attach A a:9       | p:1@B",
                // what can be joined is, what cannot is not
                "A=u:1,a:1 B=e:2 C=u:2   | u:2 e:2 a:1     | merge B<C          | a:1@A",
                "A=p:1 B=u:1,e:1 C=u:2   | u:2 e:1 p:1     | merge A<C          | e:1@B",
                "A=e:1 B=u:1,p:1 C=u:2,a:1 | e:1 p:1 a:1   | merge A<B          | a:1@C",
            })
    void theRule(String holders, String event, String outcome, String refused) {
        Map<Identifier, Match> held = held(holders);
        Resolution resolution = Resolution.of(identifiers(event), held::get);
        assertThat(written(resolution.outcome())).isEqualTo(outcome.strip());
        assertThat(
                        resolution.refused().stream()
                                .map(r -> shortOf(r.identifier()) + "@" + letter(r.holder()))
                                .collect(Collectors.joining(" ")))
                .isEqualTo(refused == null ? "" : refused.strip());
    }

    private static Map<Identifier, Match> held(String holders) {
        if (holders == null) {
            return Map.of();
        }
        return Arrays.stream(holders.strip().split(" +"))
                .flatMap(holder -> {
                    List<Identifier> identifiers =
                            identifiers(holder.substring(2).replace(',', ' '));
                    Set<String> userIds =
                            identifiers.stream()
                                    .filter(i -> i.type().equals(Identifier.USER_ID))
                                    .map(Identifier::value)
                                    .collect(Collectors.toSet());
                    Match match = new Match(customer(holder.charAt(0)), userIds);
                    return identifiers.stream().map(i -> Map.entry(i, match));
                })
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static String written(Outcome outcome) {
        String who =
                switch (outcome) {
                    case Outcome.Create create -> "create";
                    case Outcome.Attach attach -> "attach " + letter(attach.customer());
                    case Outcome.Merge merge ->
                            "merge "
                                    + letter(merge.survivor())
                                    + "<"
                                    + merge.merged().stream()
                                            .map(ResolutionTest::letter)
                                            .collect(Collectors.joining(","));
                };
        String attached =
                outcome.attached().stream()
                        .map(ResolutionTest::shortOf)
                        .collect(Collectors.joining(" "));
        return attached.isEmpty() ? who : who + " " + attached;
    }

    private static List<Identifier> identifiers(String text) {
        return Arrays.stream(text.strip().split(" +")).map(ResolutionTest::identifier).toList();
    }

    private static Identifier identifier(String text) {
        String type = TYPES.getOrDefault(text.substring(0, 1), "");
        return new Identifier(type, text.substring(2));
    }

    private static String shortOf(Identifier identifier) {
        return identifier.type().charAt(0) + ":" + identifier.value();
    }

    private static CustomerId customer(char letter) {
        return new CustomerId(new UUID(0, letter));
    }

    private static String letter(CustomerId customer) {
        return String.valueOf((char) customer.value().getLeastSignificantBits());
    }
}
