package io.throughline.channel.email;

/** How far an SMTP conversation has come (RFC 5321, section 3). */
enum Step {
    /** No connection yet. */
    CONNECT("Check throughline.channel.smtp.host and .port."),
    /** The server's greeting, and ours. */
    GREETING("It does not want to hear from this host: ask its operator, or use another server."),
    STARTTLS("Check throughline.channel.smtp.starttls and the server's certificate."),
    LOGIN("Check throughline.channel.smtp.username and .password."),
    SENDER("It does not accept throughline.channel.smtp.from as the sender."),
    RECIPIENT(""),
    /** The mail itself, up to its last line. */
    DATA(""),
    /** The last line has left: from here on the server may have the mail. */
    END("");

    private final String advice;

    Step(String advice) {
        this.advice = advice;
    }

    /** Whether what the server says here is about the mail, not about us. */
    boolean aboutTheMail() {
        return compareTo(RECIPIENT) >= 0;
    }

    /** What whoever runs the service can do about a refusal here. */
    String advice() {
        return advice;
    }
}
