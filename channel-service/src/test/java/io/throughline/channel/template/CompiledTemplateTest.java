package io.throughline.channel.template;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.channel.template.CompiledTemplate.Compiled;
import io.throughline.channel.template.CompiledTemplate.Email;
import io.throughline.channel.template.CompiledTemplate.NotRendered;
import io.throughline.channel.template.CompiledTemplate.Refused;
import io.throughline.channel.template.CompiledTemplate.Rendered;
import io.throughline.channel.template.CompiledTemplate.Sms;
import io.throughline.channel.template.TemplateDocument.Flaw;
import io.throughline.channel.template.TemplateDocument.Variant;
import io.throughline.contracts.Channel;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A template")
class CompiledTemplateTest {

    private static final Map<String, Object> ANA =
            Map.of(
                    "customer",
                    Map.of("name", "Ana <b>&", "html", "<i>x</i>"),
                    "event",
                    Map.of("n", 3));

    @Test
    void saysToEachCustomerWhatTheVariablesSay() {
        assertThat(sms("Hi {{ customer.name }}, {{ event.n }} left"))
                .isEqualTo(new Sms("Hi Ana <b>&, 3 left"));
    }

    @Test
    void leavesOutWhatIsMissing() {
        assertThat(sms("Hi {{ customer.nick }}{{ journey.x.y }}!")).isEqualTo(new Sms("Hi !"));
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            textBlock =
                    """
                    <p>{{ customer.name }}</p>                                ~ <p>Ana &lt;b&gt;&amp;</p>
                    <p>{{ customer.html | raw }}</p>                          ~ <p><i>x</i></p>
                    <p>{{ customer.name | escape }}</p>                       ~ <p>Ana &lt;b&gt;&amp;</p>
                    <p>{{ customer.name | upcase }}</p>                       ~ <p>ANA &lt;B&gt;&amp;</p>
                    <p>{{- customer.name -}} </p>                             ~ <p>Ana &lt;b&gt;&amp;</p>
                    <p>{{ "a }} <b>" }}</p>                                   ~ <p>a }} &lt;b&gt;</p>
                    <p>{% if event.n > 2 %}{{ customer.html }}{% endif %}</p> ~ <p>&lt;i&gt;x&lt;/i&gt;</p>
                    <p>{% raw %}{{ x }}{% endraw %}</p>                       ~ <p>{{ x }}</p>
                    <p>{% comment %}{{ x }}{% endcomment %}</p>               ~ <p></p>
                    """)
    void escapesWhatItPrintsIntoHtml(String html, String expected) {
        Rendered rendered =
                compile(new Variant(Channel.EMAIL, null, "s", html, null))
                        .render(Channel.EMAIL, null, ANA);

        assertThat(rendered).isEqualTo(new Email("s", expected, null));
    }

    @Test
    void doesNotEscapeSubjectAndText() {
        Rendered rendered =
                compile(
                                new Variant(
                                        Channel.EMAIL,
                                        null,
                                        "{{ customer.name }}",
                                        "<p>x</p>",
                                        "{{ customer.name }}"))
                        .render(Channel.EMAIL, null, ANA);

        assertThat(rendered).isEqualTo(new Email("Ana <b>&", "<p>x</p>", "Ana <b>&"));
    }

    @Test
    void keepsASubjectOnOneLine() {
        Rendered rendered =
                compile(new Variant(Channel.EMAIL, null, "{{ customer.name }}", "<p>x</p>", "t"))
                        .render(
                                Channel.EMAIL,
                                null,
                                Map.of("customer", Map.of("name", "a\r\nBcc: all@example.com")));

        assertThat(rendered).isEqualTo(new Email("a Bcc: all@example.com", "<p>x</p>", "t"));
    }

    @ParameterizedTest(name = "for {0} says {1}")
    @CsvSource(
            nullValues = "none",
            value = {
                "en-GB,british",
                "en-US,english",
                "en,english",
                "EN_gb,british",
                "de-AT,any",
                "none,any"
            })
    void speaksTheNearestLocale(@Nullable String locale, String said) {
        CompiledTemplate template =
                compile(
                        variant(null, "any"),
                        variant("en", "english"),
                        variant("en-GB", "british"));

        assertThat(template.render(Channel.SMS, locale, Map.of())).isEqualTo(new Sms(said));
    }

    @Test
    void withoutAVariantForTheChannelSaysSo() {
        CompiledTemplate template = compile(variant("en", "english"));

        assertThat(template.render(Channel.EMAIL, null, Map.of())).isInstanceOf(NotRendered.class);
        assertThat(template.render(Channel.SMS, "de", Map.of()))
                .isEqualTo(new NotRendered("the template has no variant for sms and de"));
        assertThat(template.speaks(Channel.SMS)).isTrue();
        assertThat(template.speaks(Channel.EMAIL)).isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "{{ customer.name ",
                "{% if x %}never closed",
                "{% nonsense %}",
                "{{ x | nofilter }}",
                "{% include 'secret' %}",
                "{% for i in (1..1000000) %}x{% endfor %}"
            })
    void thatIsNotLiquidIsRefusedNamingTheField(String text) {
        assertThat(CompiledTemplate.compile(new TemplateDocument(List.of(variant(null, text)))))
                .isInstanceOfSatisfying(
                        Refused.class,
                        r ->
                                assertThat(r.flaws())
                                        .extracting(Flaw::field)
                                        .containsExactly("variants[0].text"));
    }

    @Test
    void namesEveryFlawAtOnce() {
        TemplateDocument document =
                new TemplateDocument(
                        List.of(
                                new Variant(Channel.EMAIL, "e n", null, "{% if %}", null),
                                new Variant(Channel.SMS, null, "subject", null, " "),
                                new Variant(Channel.SMS, null, null, null, "x"),
                                new Variant(Channel.PUSH, null, null, null, "x")));

        assertThat(CompiledTemplate.compile(document))
                .isInstanceOfSatisfying(
                        Refused.class,
                        r ->
                                assertThat(r.flaws())
                                        .extracting(Flaw::field)
                                        .containsExactly(
                                                "variants[0].locale",
                                                "variants[0].subject",
                                                "variants[0].html",
                                                "variants[1].subject",
                                                "variants[1].text",
                                                "variants[2]",
                                                "variants[3].channel"));
    }

    @Test
    void thatComesOutEmptyOrTooLongForATextIsNotSent() {
        assertThat(sms("{{ nothing }}")).isInstanceOf(NotRendered.class);
        assertThat(sms("{% for i in (1..400) %}hello {% endfor %}"))
                .isInstanceOf(NotRendered.class);
    }

    @Test
    void hasItsTextMadeFromItsHtml() {
        assertThat(
                        PlainText.of(
                                "<html><body><h1>Hi</h1><p>Your  cart:<br>2 &amp; 3</p><ul><li>a<li>b</ul>"
                                        + "<a href='https://x.example/'>go</a></body></html>"))
                .isEqualTo("Hi\n\nYour cart:\n2 & 3\n\n- a\n\n- b\n\ngo (https://x.example/)");
    }

    private static Rendered sms(String text) {
        return compile(variant(null, text)).render(Channel.SMS, null, ANA);
    }

    private static Variant variant(@Nullable String locale, String text) {
        return new Variant(Channel.SMS, locale, null, null, text);
    }

    private static CompiledTemplate compile(Variant... variants) {
        return switch (CompiledTemplate.compile(new TemplateDocument(List.of(variants)))) {
            case Compiled compiled -> compiled.template();
            case Refused refused -> throw new AssertionError(refused.flaws());
        };
    }
}
