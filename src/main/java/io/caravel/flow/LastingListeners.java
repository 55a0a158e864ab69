package io.caravel.flow;

import io.caravel.job.Crews;
import io.caravel.job.Steps;
import org.apache.camel.component.springrabbit.DefaultListenerContainerFactory;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.DirectMessageListenerContainer;
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
  private final Crews crews;
  private final Steps steps;

  LastingListeners(Workers workers, Crews crews, Steps steps) {
    this.steps = steps;
    this.workers = workers;
    this.crews = crews;
  }

  @Override
  public AbstractMessageListenerContainer createListenerContainer(SpringRabbitMQEndpoint endpoint) {
    AbstractMessageListenerContainer listeners = super.createListenerContainer(endpoint);
    listeners.setjavaLangErrorHandler(
        error -> workers.met("A worker of " + endpoint.getQueues(), error));
    String queue = endpoint.getQueues();
    if (listeners instanceof DirectMessageListenerContainer each && steps.knows(queue)) {
      each.setConsumersPerQueue(crews.of(queue));
      workers.consumer(queue, each::setConsumersPerQueue);
    }
    return listeners;
  }
}
