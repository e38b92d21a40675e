package io.throughline.channel.email;

import io.throughline.channel.route.Route;
import io.vertx.ext.mail.LoginOption;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.StartTLSOptions;
import io.vertx.mutiny.core.Vertx;
import io.vertx.mutiny.ext.mail.MailClient;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes the email route where one is configured. */
@Dependent
class EmailRoutes {

    private static final int CONNECT_MILLIS = 5_000;

    /** Null where no SMTP host is configured, which CDI allows a dependent producer. */
    @Produces
    @Dependent
    @Nullable Route smtp(SmtpConfiguration configuration, Vertx vertx, InstantSource clock) {
        if (configuration.host().isEmpty()) {
            return null;
        }
        String from =
                configuration
                        .from()
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        "throughline.channel.smtp.from is missing: the address that"
                                                + " emails come from"));
        return new SmtpRoute(
                MailClient.create(vertx, mail(configuration, configuration.host().get())),
                from,
                configuration.connections(),
                configuration.timeout(),
                clock);
    }

    private static MailConfig mail(SmtpConfiguration configuration, String host) {
        MailConfig mail =
                new MailConfig()
                        .setHostname(host)
                        .setPort(configuration.port())
                        .setStarttls(
                                StartTLSOptions.valueOf(
                                        configuration.starttls().toUpperCase(Locale.ROOT)))
                        .setMaxPoolSize(configuration.connections())
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setKeepAlive(true);
        if (configuration.username().isPresent()) {
            return mail.setLogin(LoginOption.REQUIRED)
                    .setUsername(configuration.username().get())
                    .setPassword(configuration.password().orElse(""));
        }
        return mail.setLogin(LoginOption.DISABLED);
    }
}
