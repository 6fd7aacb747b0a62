"""A real OpenTelemetry log receiver (OTLP over gRPC) on loopback."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import (
    LogsServiceServicer,
    add_LogsServiceServicer_to_server,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

if TYPE_CHECKING:
    from typing import Self

Record = tuple[dict[str, Any], str, str]


class OtlpReceiver(LogsServiceServicer):
    """A receiver that lives as long as the `with` block.

    `endpoint` is its address, `environment` the same as variables. `records` has for each log
    record its resource's attributes, severity text and body.
    """

    def __init__(self) -> None:
        """Take a port; nothing is received yet."""
        self.records: list[Record] = []
        self._server = grpc.server(ThreadPoolExecutor(max_workers=2))
        add_LogsServiceServicer_to_server(self, self._server)  # type: ignore[no-untyped-call]
        self.endpoint = f"http://127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> Self:
        """Start to receive; return the receiver."""
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to receive and free the port."""
        self._server.stop(None).wait()

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables with which an exporter sends here, past any proxy."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.endpoint,
            "no_grpc_proxy": "127.0.0.1",
        }

    def Export(
        self, request: ExportLogsServiceRequest, _context: grpc.ServicerContext
    ) -> ExportLogsServiceResponse:
        """Keep the records of one request; return the answer that all of them were taken."""
        for resource_logs in request.resource_logs:
            attributes = {a.key: _plain(a.value) for a in resource_logs.resource.attributes}
            for scope_logs in resource_logs.scope_logs:
                self.records += [
                    (attributes, record.severity_text, str(_plain(record.body)))
                    for record in scope_logs.log_records
                ]
        return ExportLogsServiceResponse()


def _plain(value: AnyValue) -> Any:
    """Return the Python value inside an OTLP value; None when there is none."""
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind else None
