package io.throughline.channel.keyword;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
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
                "Opt out of this",
                "STOPP",
                "Stopp bitte",
                "BAJA",
                "Baja.",
                "ALTO",
                "parar",
                "SAIR",
                "Arrêter",
                "ARRETER",
                "ARRETEZ",
                "Désabonner",
                "desabonner svp",
                "ABMELDEN",
                "abmelden bitte",
                "CANCELLA",
                "Basta!",
                "İptal",
                "СТОП",
                "退订",
                "수신거부"
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
                "cancel my order please",
                "no",
                "ende",
                "stopper",
                "baja el precio",
                "alto, por favor",
                "parar em Lisboa",
                "basta un clic?",
                "cancella la prenotazione",
                "sair às 10",
                "ret 3"
            })
    void thatOnlyContainsSuchAWord_isNone(String text) {
        assertThat(Keyword.in(text)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Keyword.class)
    void thatIsAnyPhraseOfTheTable_isThatKeyword(Keyword keyword) {
        for (String phrase : keyword.alone()) {
            assertThat(Keyword.in(phrase)).contains(keyword);
            assertThat(Keyword.in(phrase.toUpperCase(Locale.ROOT))).contains(keyword);
            assertThat(Keyword.in(phrase + " tomorrow")).isEmpty();
        }
        for (String phrase : keyword.first()) {
            assertThat(Keyword.in(phrase)).contains(keyword);
            assertThat(Keyword.in(phrase + " tomorrow")).contains(keyword);
        }
    }

    @ParameterizedTest
    @CsvSource({"STOP,stops", "START,opts in again", "HELP,asks for help"})
    void mayBeWhatThePageSays(Keyword keyword, String what) throws IOException {
        String row =
                Files.readAllLines(Path.of("../docs/consents.md")).stream()
                        .filter(line -> line.startsWith("| " + what + " |"))
                        .findFirst()
                        .orElseThrow();
        String[] cells = row.split("\\|", -1);
        assertThat(written(cells[2])).isEqualTo(upper(keyword.first()));
        assertThat(written(cells[3])).isEqualTo(upper(keyword.alone()));
    }

    private static List<String> written(String cell) {
        return Pattern.compile("`([^`]+)`").matcher(cell).results().map(m -> m.group(1)).toList();
    }

    private static List<String> upper(List<String> phrases) {
        return phrases.stream().map(phrase -> phrase.toUpperCase(Locale.ROOT)).toList();
    }
}
