package io.throughline.channel.inbound;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** What keywords are answered with. No marketing; empty for no answer. */
@ConfigMapping(prefix = "throughline.channel.answers")
interface AnswerTexts {

    /** To HELP. Say whose messages these are and where help is. */
    @WithDefault(
            "You get messages from this number because you asked for them. Reply STOP to end them."
                    + " Message and data rates may apply.")
    String help();

    /** To the first STOP. */
    @WithDefault(
            "You will get no more messages from this number. Reply START to get them again, HELP for"
                    + " help.")
    String stopped();
}
