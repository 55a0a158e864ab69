package io.caravel.flow;

import com.rabbitmq.client.ShutdownSignalException;
import io.caravel.job.Hindrance;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionListener;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/** RabbitMQ is configured and cannot be reached. */
@Component
@Profile("rabbitmq")
class BrokerTrouble implements Hindrance, ConnectionListener {
  private volatile boolean away;

  BrokerTrouble(ConnectionFactory broker) {
    broker.addConnectionListener(this);
  }

  @Override
  public void onCreate(Connection connection) {
    away = false;
  }

  @Override
  public void onShutDown(ShutdownSignalException signal) {
    away = true;
  }

  @Override
  public void onFailed(Exception e) {
    away = true;
  }

  @Override
  public @Nullable String of(String queue) {
    return away
        ? "RabbitMQ cannot be reached: start it, or see CARAVEL_RABBITMQ_URI. The jobs are kept in the database and go on by themselves."
        : null;
  }
}
