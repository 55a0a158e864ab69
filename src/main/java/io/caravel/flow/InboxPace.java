package io.caravel.flow;

import io.caravel.photo.InboxLook;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.support.DefaultPollingConsumerPollStrategy;
import org.springframework.stereotype.Component;

/** Leaves out the polls of the inbox that would find nothing new. */
@Component("inboxPace")
final class InboxPace extends DefaultPollingConsumerPollStrategy {
  private final InboxLook look;

  InboxPace(InboxLook look) {
    this.look = look;
  }

  @Override
  public boolean begin(Consumer consumer, Endpoint endpoint) {
    return look.isDue();
  }
}
