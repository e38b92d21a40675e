package io.throughline.local.simulators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.net.URI;
import java.time.InstantSource;
import java.util.Properties;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MailSinkTest {

    private SmscSimulator smsc;
    private MailSink sink;
    private SimulatorsApi api;
    private Simulators simulators;

    @BeforeEach
    void start() {
        smsc = SmscSimulator.start(0, "throughline", "local", InstantSource.system());
        sink = MailSink.start(0, InstantSource.system());
        api = SimulatorsApi.start(0, smsc, sink);
        simulators = new Simulators(URI.create("http://127.0.0.1:" + api.port()));
    }

    @AfterEach
    void stop() {
        api.close();
        sink.close();
        smsc.close();
    }

    @Test
    void aMailIsKeptWithItsHeadersAndBothParts() throws Exception {
        send("ana@example.com");
        assertThat(simulators.mailsTo("Ana@example.com"))
                .singleElement()
                .satisfies(mail -> {
                    assertThat(mail.from()).isEqualTo("shop@example.com");
                    assertThat(mail.subject()).isEqualTo("Your cart – still here");
                    assertThat(mail.text()).isEqualTo("Two shirts");
                    assertThat(mail.html()).isEqualTo("<p>Two shirts</p>");
                    assertThat(mail.header("list-unsubscribe-post"))
                            .isEqualTo("List-Unsubscribe=One-Click");
                });
        assertThat(simulators.mailsTo("ben@example.com")).isEmpty();
    }

    @Test
    void anAddressIsRefusedForGoodOrForNowUntilToldOtherwise() throws Exception {
        simulators.mailsBehave(Set.of("gone@example.com"), Set.of("busy@example.com"));
        assertThatThrownBy(() -> send("gone@example.com")).hasStackTraceContaining("550 5.1.1");
        assertThatThrownBy(() -> send("busy@example.com")).hasStackTraceContaining("451 4.3.0");
        assertThat(simulators.mails()).isEmpty();
        simulators.clear();
        send("gone@example.com");
        assertThat(simulators.mails()).hasSize(1);
    }

    private void send(String to) throws MessagingException {
        Properties properties = new Properties();
        properties.put("mail.smtp.host", "127.0.0.1");
        properties.put("mail.smtp.port", Integer.toString(sink.port()));
        MimeMessage message = new MimeMessage(Session.getInstance(properties));
        message.setFrom("shop@example.com");
        message.setRecipient(Message.RecipientType.TO, new InternetAddress(to));
        message.setSubject("Your cart – still here", "UTF-8");
        message.setHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        MimeBodyPart text = new MimeBodyPart();
        text.setText("Two shirts", "UTF-8");
        MimeBodyPart html = new MimeBodyPart();
        html.setText("<p>Two shirts</p>", "UTF-8", "html");
        message.setContent(new MimeMultipart("alternative", text, html));
        Transport.send(message);
    }
}
