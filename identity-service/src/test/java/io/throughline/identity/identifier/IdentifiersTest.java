package io.throughline.identity.identifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.contracts.Identifier;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentifiersTest {

    @ParameterizedTest
    @CsvSource({
        "email,   Ana@Example.COM,              , ana@example.com",
        "email,   '  ana@example.com ',         , ana@example.com",
        "email,   josé@münchen.example,         , josé@xn--mnchen-3ya.example",
        "email,   Ana+News@gmail.com,           , ana+news@gmail.com",
        "phone,   +34 600 111 222,              , +34600111222",
        "phone,   600 111 222,                ES, +34600111222",
        "phone,   0034600111222,              ES, +34600111222",
        "phone,   (415) 555-0132,             US, +14155550132",
        "user_id, ' u-19 ',                     , u-19",
        "user_id, U-19,                         , U-19",
    })
    void aValueHasOneNormalForm(String type, String raw, String region, String expected) {
        assertThat(Identifiers.normalise(type, raw, region))
                .contains(new Identifier(type, expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "null",
                "NULL",
                "undefined",
                "NaN",
                "none",
                "n/a",
                "0",
                "000",
                "-",
                "-1",
                "[object Object]",
                "anonymous",
                "00000000-0000-0000-0000-000000000000",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
                "(null)",
                "[null]",
                "{}",
                "\"\"",
                "<null>",
                "NULL NULL",
                "undefined undefined",
                "N.A.",
                "ｎｕｌｌ",
                "{{user_id}}",
                "{{ user.id }}",
                "%7B%7Bid%7D%7D",
                "$userId",
                "${user.id}",
                "%USER_ID%",
                "*|EMAIL|*",
                "<user_id>",
                "(not set)",
                "[object Object]",
                "\u200b",
                "null\u200b",
                "\ufeffnull",
                "n\u00adull",
                "unset",
                "{user_id}",
                "%s"
            })
    void aPlaceholderIdentifiesNobody(String value) {
        assertThat(Identifiers.normalise(Identifier.USER_ID, value, null)).isEmpty();
        assertThat(Identifiers.normalise(Identifier.ANONYMOUS_ID, value, null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "nullify",
                "anonymous-3f0c",
                "guest-17",
                "na-42",
                "ana",
                "😀",
                "f",
                "$2a$10$N9qo8uLOickgx2",
                "100%",
                "a<b",
                "na-42",
                "nan.nan",
                "{\"keys\":{\"auth\":{\"a\":1}}}"
            })
    void whatOnlyLooksLikeOneIdentifiesSomebody(String value) {
        assertThat(Identifiers.normalise(Identifier.USER_ID, value, null)).isPresent();
    }

    @Test
    void whatCannotBeSeenIsNoPartOfIt() {
        assertThat(Identifiers.normalise(Identifier.USER_ID, "\ufeffana\u200b", null))
                .contains(new Identifier(Identifier.USER_ID, "ana"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"n@one.com", "n@ull.com", "na@n.it", "f@alse.com", "guest@hotel.example"})
    void anAddressOfWhichOnlyTheWholeLooksLikeOneIsOne(String email) {
        assertThat(Identifiers.normalise(Identifier.EMAIL, email, null)).isPresent();
    }

    @ParameterizedTest
    @CsvSource({
        "email, ana",
        "email, @example.com",
        "email, ana@localhost",
        "email, ana@exa mple.com",
        "email, a@b@example.com",
        "email, ana@example..com",
        "email, test@test.com",
        "email, undefined@undefined.com",
        "phone, 600111222",
        "phone, +1",
        "phone, +00000000000",
        "phone, +34 999 999 999",
        "phone, call me",
        "Bad Type, x",
    })
    void aMalformedValueIsNoIdentifier(String type, String raw) {
        assertThat(Identifiers.normalise(type, raw, null)).isEmpty();
    }

    /** One of them stands between identifiers that are stored in one text. */
    @ParameterizedTest
    @ValueSource(
            strings = {"x\u001fuser_id:v", "x\u0000y", "x\ty", "x\u0085y", "x\ud800", "\udc00x"})
    void aValueWithCharactersThatNobodyTypesIsNoIdentifier(String value) {
        for (String type : List.of(Identifier.USER_ID, Identifier.ANONYMOUS_ID, "loyalty")) {
            assertThat(Identifiers.normalise(type, value, null)).isEmpty();
        }
        assertThat(Identifiers.normalise(Identifier.USER_ID, "x\ud83d\ude00", null)).isPresent();
    }

    @Test
    void aValueThatIsTooLongIsNoIdentifier() {
        assertThat(Identifiers.normalise(Identifier.USER_ID, "x".repeat(513), null)).isEmpty();
        assertThat(Identifiers.normalise(Identifier.USER_ID, "x".repeat(512), null)).isPresent();
    }

    @Test
    void theStrongestIdentifierComesFirst() {
        assertThat(
                        Extraction.of(
                                "u-1",
                                "a-1",
                                null,
                                Map.of("phone", "+34600111222", "email", "ana@example.com"),
                                Map.of(
                                        "device",
                                        Map.of("token", "t-1"),
                                        "externalIds",
                                        List.of(Map.of("type", "Loyalty", "id", 7))),
                                null))
                .extracting(Identifier::toString)
                .containsExactly(
                        "user_id:u-1",
                        "email:ana@example.com",
                        "phone:+34600111222",
                        "loyalty:7",
                        "push_token:t-1",
                        "anonymous_id:a-1");
    }

    @Test
    void theCountryOfTheTraitsReadsANationalNumber() {
        assertThat(
                        Extraction.of(
                                null,
                                "a-1",
                                null,
                                Map.of("phone", "600111222", "address", Map.of("country", "es")),
                                Map.of(),
                                "US"))
                .contains(Identifier.of("phone:+34600111222"));
    }

    @Test
    void anExternalIdOfAnAccountIdentifiesNobody() {
        Map<String, Object> context =
                Map.of(
                        "externalIds",
                        List.of(
                                Map.of("type", "crm", "id", "9", "collection", "accounts"),
                                Map.of("type", "user_id", "id", "somebody-else"),
                                "nonsense"));
        assertThat(Extraction.of(null, "a-1", null, Map.of(), context, null))
                .containsExactly(Identifier.of("anonymous_id:a-1"));
    }

    @Test
    void traitsInTheContextIdentifyToo() {
        assertThat(
                        Extraction.of(
                                "u-1",
                                null,
                                null,
                                Map.of(),
                                Map.of("traits", Map.of("email", "ana@example.com")),
                                null))
                .contains(Identifier.of("email:ana@example.com"));
    }
}
