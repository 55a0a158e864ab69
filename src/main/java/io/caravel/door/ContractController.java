package io.caravel.door;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Serves the contract. */
@RestController
class ContractController {
  private final Contract contract;

  ContractController(Contract contract) {
    this.contract = contract;
  }

  @GetMapping(path = "/openapi.json", produces = "application/json")
  String json() {
    return contract.json();
  }

  @GetMapping(path = "/openapi.yaml", produces = "application/yaml;charset=utf-8")
  String yaml() {
    return contract.yaml();
  }
}
