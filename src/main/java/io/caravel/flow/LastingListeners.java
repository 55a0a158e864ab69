package io.caravel.flow;

import org.apache.camel.component.springrabbit.DefaultListenerContainerFactory;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * Workers of RabbitMQ's queues that outlive an Error: as they come they end the whole program by
 * one, with status 99. Here its channel is closed and opened anew, and its message comes again.
 */
@Component("lastingListeners")
@Profile("rabbitmq")
final class LastingListeners extends DefaultListenerContainerFactory {
  private final Workers workers;

  LastingListeners(Workers workers) {
    this.workers = workers;
  }

  @Override
  public AbstractMessageListenerContainer createListenerContainer(SpringRabbitMQEndpoint endpoint) {
    AbstractMessageListenerContainer listeners = super.createListenerContainer(endpoint);
    listeners.setjavaLangErrorHandler(
        error -> workers.met("A worker of " + endpoint.getQueues(), error));
    return listeners;
  }
}
