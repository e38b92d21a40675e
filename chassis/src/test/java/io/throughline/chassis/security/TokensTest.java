package io.throughline.chassis.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class TokensTest {

    /** {@code printf secret | sha256sum}. */
    private static final String SECRET =
            "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    @Test
    void aRoleIncludesTheLesserOnes() {
        assertThat(Tokens.parse(List.of("admin:" + SECRET), "s").rolesOf("secret"))
                .containsExactlyInAnyOrder("admin", "marketer", "viewer");
        assertThat(Tokens.parse(List.of("viewer:" + SECRET), "s").rolesOf("secret"))
                .containsExactly("viewer");
    }

    @Test
    void aServiceIsNoAdmin() {
        assertThat(Tokens.parse(List.of(), "s").rolesOf("s")).containsExactly("service");
    }

    @Test
    void anUnknownTokenHasNoRole() {
        assertThat(Tokens.parse(List.of("admin:" + SECRET), "s").rolesOf("Secret")).isEmpty();
    }

    @Test
    void aTokenWrittenInTheClearIsRefusedAndNotRepeated() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokens.parse(List.of("admin:secret"), "s"))
                .withMessageContaining("entry 1")
                .withMessageNotContaining("secret");
    }

    @Test
    void anUnknownRoleIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Tokens.parse(List.of("root:" + SECRET), "s"))
                .withMessageContaining("expected viewer, marketer or admin");
    }
}
