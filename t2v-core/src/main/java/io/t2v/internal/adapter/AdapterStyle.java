package io.t2v.internal.adapter;

/** How a file of an adapter is written. */
public enum AdapterStyle {
  /** Of the library PEFT, and of diffusers since it uses that. */
  PEFT("PEFT"),
  /** Of diffusers before that. */
  DIFFUSERS("diffusers"),
  /** Of kohya's scripts: names with underscores. */
  KOHYA("kohya"),
  /** Of cloneofsimo's library: factors in the order of the network's layers, without names. */
  LIST("cloneofsimo"),
  /** Of the library stable_lora. */
  STABLE_LORA("stable_lora");

  private final String label;

  AdapterStyle(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
