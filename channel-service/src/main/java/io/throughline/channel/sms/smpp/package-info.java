/** The session with an SMS carrier over SMPP 3.4: binds, submissions, what the carrier tells. */
@NullMarked
package io.throughline.channel.sms.smpp;

import org.jspecify.annotations.NullMarked;
