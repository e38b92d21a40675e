package io.throughline.channel.email;

import io.throughline.channel.route.Content;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.Map;

/** Puts an email into the form in which it travels: text and HTML side by side. */
final class Mails {

    private static final String UTF_8 = StandardCharsets.UTF_8.name();

    private Mails() {}

    /**
     * @param id the Message-ID, angle brackets included
     */
    static MimeMessage compose(
            Session session,
            InternetAddress from,
            InternetAddress to,
            Content.Email email,
            String id,
            Instant at)
            throws MessagingException {
        MimeMessage mail =
                new MimeMessage(session) {
                    @Override
                    protected void updateMessageID() throws MessagingException {
                        setHeader("Message-ID", id);
                    }
                };
        mail.setFrom(from);
        mail.setRecipient(RecipientType.TO, to);
        mail.setSentDate(Date.from(at));
        mail.setSubject(oneLine(email.subject()), UTF_8);
        for (Map.Entry<String, String> header : email.headers().entrySet()) {
            mail.setHeader(oneLine(header.getKey()), oneLine(header.getValue()));
        }
        mail.setContent(
                new MimeMultipart(
                        "alternative", part(email.text(), "plain"), part(email.html(), "html")));
        mail.saveChanges();
        return mail;
    }

    private static MimeBodyPart part(String text, String subtype) throws MessagingException {
        MimeBodyPart part = new MimeBodyPart();
        part.setText(text, UTF_8, subtype);
        return part;
    }

    /** What comes from a template must not begin a header of its own. */
    private static String oneLine(String text) {
        return text.replaceAll("[\\r\\n\\u0000]+", " ");
    }

    /** An address as servers take it; those that are not ASCII need an extension that few have. */
    static InternetAddress recipient(String address) throws MessagingException {
        if (!address.matches("[\\x21-\\x7e]+")) {
            throw new MessagingException("not an address in ASCII");
        }
        return new InternetAddress(address, true);
    }
}
