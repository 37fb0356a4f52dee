"""What session timeouts really do: detection, loss, fail-over and herds, beside other clients."""
