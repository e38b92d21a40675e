package io.throughline.attribution.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvWriterTest {

    @Test
    void rowsEndAsTheStandardSaysAndDecimalsStayPlain() {
        assertThat(csv("a", null, new BigDecimal("1E+3"), 2L))
                .isEqualTo("one,two,three,four\r\na,,1000,2\r\n");
    }

    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "spring            | spring",
                "spring, summer    | \"spring, summer\"",
                "say \"hi\"        | \"say \"\"hi\"\"\"",
                "=HYPERLINK(A1)    | '=HYPERLINK(A1)",
                "+1                | '+1",
                "@cmd              | '@cmd",
                "-2,3              | \"'-2,3\"",
            })
    void aNameFromOutsideCannotBecomeACellOrAFormula(String name, String cell) {
        assertThat(csv(name)).isEqualTo("one,two,three,four\r\n" + cell + "\r\n");
    }

    private static String csv(@Nullable Object... cells) {
        return CsvWriter.csv(
                new Tabular() {
                    @Override
                    public List<String> columns() {
                        return List.of("one", "two", "three", "four");
                    }

                    @Override
                    public List<List<@Nullable Object>> rows() {
                        return List.of(Tabular.row(cells));
                    }
                });
    }
}
