package io.throughline.channel.email;

import jakarta.mail.Session;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The mail server and how to speak to it.
 *
 * @param username absent where it wants no login
 * @param timeout for one mail, from the first word to the last
 * @param session the library's settings
 */
record SmtpServer(
        String host,
        int port,
        StartTls startTls,
        @Nullable String username,
        String password,
        Duration timeout,
        Session session) {

    /**
     * What is done about a server that offers an encrypted connection, and about one that does not.
     */
    enum StartTls {
        DISABLED,
        /** Takes what the server offers. */
        OPTIONAL,
        REQUIRED
    }

    static SmtpServer of(
            String host,
            int port,
            StartTls startTls,
            @Nullable String username,
            String password,
            Duration timeout) {
        Properties settings = new Properties();
        settings.put("mail.smtp.starttls.enable", Boolean.toString(startTls != StartTls.DISABLED));
        settings.put(
                "mail.smtp.starttls.required", Boolean.toString(startTls == StartTls.REQUIRED));
        settings.put("mail.smtp.ssl.checkserveridentity", "true");
        settings.put("mail.smtp.auth", Boolean.toString(username != null));
        settings.put("mail.smtp.quitwait", "false");
        settings.put("mail.smtp.userset", "true");
        return new SmtpServer(
                host, port, startTls, username, password, timeout, Session.getInstance(settings));
    }
}
