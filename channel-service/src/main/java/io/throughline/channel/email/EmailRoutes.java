package io.throughline.channel.email;

import io.throughline.channel.email.SmtpServer.StartTls;
import io.throughline.channel.route.Route;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes the email route where one is configured. */
@Dependent
class EmailRoutes {

    /** Null where no SMTP host is configured, which CDI allows a dependent producer. */
    @Produces
    @Dependent
    @Nullable Route smtp(SmtpConfiguration configuration, InstantSource clock) {
        return configuration
                .host()
                .<Route>map(host ->
                        new SmtpRoute(
                                server(configuration, host),
                                from(configuration),
                                configuration.connections(),
                                clock))
                .orElse(null);
    }

    private static SmtpServer server(SmtpConfiguration configuration, String host) {
        return SmtpServer.of(
                host,
                configuration.port(),
                StartTls.valueOf(configuration.starttls().toUpperCase(Locale.ROOT)),
                configuration.username().orElse(null),
                configuration.password().orElse(""),
                configuration.timeout());
    }

    private static InternetAddress from(SmtpConfiguration configuration) {
        String from =
                configuration
                        .from()
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "throughline.channel.smtp.from is missing: the address that"
                                                + " emails come from"));
        try {
            return new InternetAddress(from, true);
        } catch (AddressException e) {
            throw new IllegalStateException(
                    "throughline.channel.smtp.from is no address: " + from, e);
        }
    }
}
