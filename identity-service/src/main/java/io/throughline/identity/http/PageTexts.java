package io.throughline.identity.http;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/**
 * What the pages say. English stands here, other languages in {@code messages/pages_*.properties}.
 */
@MessageBundle("pages")
interface PageTexts {

    @Message("What you get from us")
    String title();

    @Message("What you get from {sender}")
    String titleOf(String sender);

    @Message("Saved. It holds from now on.")
    String saved();

    @Message("We have no address of yours to write to.")
    String nothing();

    @Message("Send me messages by {channel}")
    String yesOn(String channel);

    @Message("Save")
    String save();

    @Message("Stop everything")
    String stop();

    @Message(
            "Or stop all of it: no more messages on any channel, except what the law or an order of yours requires.")
    String stopHint();

    @Message("Privacy notice")
    String privacy();

    @Message("Please confirm")
    String confirmTitle();

    @Message("Somebody, we hope you, asked for messages by {channel} to {address}.")
    String confirmText(String channel, String address);

    @Message("Yes, send them")
    String confirm();

    @Message("If it was not you, close this page: without your yes nothing is sent.")
    String confirmNot();

    @Message("Thank you")
    String confirmedTitle();

    @Message("You will get what you asked for. Every message tells you how to stop it.")
    String confirmed();

    @Message("You have stopped these messages")
    String stoppedTitle();

    @Message(
            "We wrote down what you confirmed, but you told us to send nothing on this channel, and that still holds. You can change it on the page behind the link in any message of ours.")
    String stopped();

    @Message("This link does not work any more")
    String unknownTitle();

    @Message(
            "It is too old, or a part of it is missing. The newest message from us has a link that works.")
    String unknown();

    @Message("This cannot be done right now")
    String laterTitle();

    @Message("Nothing was changed. Please try again in a minute.")
    String later();

    @Message("email")
    String email();

    @Message("text message")
    String sms();

    @Message("WhatsApp")
    String whatsapp();

    @Message("push notification")
    String push();

    @Message("message in the app")
    String inApp();
}
