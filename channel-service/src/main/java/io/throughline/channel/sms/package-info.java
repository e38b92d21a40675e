/**
 * What a text message is on the wire and what carriers mean by what they say: alphabets, parts,
 * addresses, answers, receipts. Pure.
 */
@NullMarked
package io.throughline.channel.sms;

import org.jspecify.annotations.NullMarked;
