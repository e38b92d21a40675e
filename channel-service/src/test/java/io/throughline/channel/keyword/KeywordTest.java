package io.throughline.channel.keyword;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A text from a customer")
class KeywordTest {

    @ParameterizedTest(name = "[{0}]")
    @ValueSource(
            strings = {
                "STOP",
                "stop",
                " Stop. ",
                "STOP!!!",
                "“stop”",
                "ＳＴＯＰ",
                "stop 🛑",
                "STOP ALL",
                "stopall",
                "END",
                "cancel",
                "Unsubscribe",
                "QUIT",
                "revoke",
                "OPTOUT",
                "opt out",
                "opt-out",
                "REMOVE",
                "TD",
                "ARRET",
                "arrêt",
                "Stop texting me",
                "unsubscribe please",
                "Opt out of this"
            })
    void thatSaysStopInAnyForm_isAStop(String text) {
        assertThat(Keyword.in(text)).contains(Keyword.STOP);
    }

    @ParameterizedTest(name = "[{0}]")
    @CsvSource({"START,START", "start!,START", "Unstop,START", "HELP,HELP", "Info?,HELP"})
    void thatIsAnotherKeyword_isThatKeyword(String text, Keyword keyword) {
        assertThat(Keyword.in(text)).contains(keyword);
    }

    @ParameterizedTest(name = "[{0}]")
    @ValueSource(
            strings = {
                "",
                "   ",
                "🙂",
                "yes",
                "Thank you",
                "end of the month is fine",
                "please help me",
                "I will not cancel",
                "non-stop",
                "starting tomorrow",
                "cancel my order please"
            })
    void thatOnlyContainsSuchAWord_isNone(String text) {
        assertThat(Keyword.in(text)).isEmpty();
    }
}
