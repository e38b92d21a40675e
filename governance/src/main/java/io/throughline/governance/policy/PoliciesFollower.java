package io.throughline.governance.policy;

/**
 * A bean that makes something of the policies before they are in force. It is told of every change
 * on a worker thread, where it may compile. Where it throws it is told again, of what is in force
 * by then, until it does not; meanwhile it keeps what it had, and the process is not ready.
 */
public interface PoliciesFollower {

    void follow(PoliciesChanged change);
}
