// A real server on a free port whose one service does what each test tells it, and a raw client for bytes
// that no generated client would send.
#ifndef RAPPORT_TESTS_SERVICES_RUNTIME_ECHO_SERVER_H_
#define RAPPORT_TESTS_SERVICES_RUNTIME_ECHO_SERVER_H_

#include <functional>
#include <memory>
#include <sstream>
#include <string>

#include "echo.grpc.pb.h"
#include "services/runtime/client_stream.h"
#include "services/runtime/server.h"
#include "services/runtime/server_stream.h"
#include "services/runtime/unary.h"

namespace rapport::runtime {

using testing::v1::EchoRequest;
using testing::v1::EchoResponse;

inline constexpr char kEchoServiceName[] = "rapport.testing.v1.EchoService";

// What the RPCs do; set before the server starts.
struct EchoBehaviour {
  std::function<absl::StatusOr<EchoResponse>(const Call&, const EchoRequest&)> echo =
      [](const Call&, const EchoRequest& request) -> absl::StatusOr<EchoResponse> {
    EchoResponse response;
    response.set_text(request.text());
    return response;
  };
  bool computes = false;  // true: `echo` never waits, and may run on the thread that read the call
  std::function<std::shared_ptr<ClientStreamHandler<EchoRequest, EchoResponse>>()> collect;
  std::function<absl::Status(const Call&, const EchoRequest&, StreamWriter<EchoResponse>)> watch;
};

using RawEcho = testing::v1::EchoService::WithRawCallbackMethod_Echo<
    testing::v1::EchoService::WithRawCallbackMethod_Collect<
        testing::v1::EchoService::WithRawCallbackMethod_Watch<testing::v1::EchoService::Service>>>;

class EchoService final : public RawEcho {
 public:
  EchoService(ServerCore& core, EchoBehaviour behaviour) : core_(core), behaviour_(std::move(behaviour)) {}

 private:
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                 grpc::ByteBuffer* out) override;
  grpc::ServerReadReactor<grpc::ByteBuffer>* Collect(grpc::CallbackServerContext* context,
                                                     grpc::ByteBuffer* out) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* in) override;

  ServerCore& core_;
  const EchoBehaviour behaviour_;
};

// Options for a test: free ports, no waiting, plaintext on loopback.
ServerOptions TestOptions();

class EchoServer {
 public:
  explicit EchoServer(EchoBehaviour behaviour, const ServerOptions& options = TestOptions(),
                      const Clock* clock = nullptr, const Authenticator* authenticator = nullptr);
  ~EchoServer();

  Server& server() { return *server_; }
  ServerCore& core() { return core_; }
  Metrics& metrics() { return metrics_; }
  testing::v1::EchoService::Stub& stub() { return *stub_; }

  // Calls Echo with deadline far away.
  absl::Status Echo(const std::string& text, EchoResponse* response = nullptr);

  // Sends `bytes` to `method` ("/package.Service/Method") and gives the answer's bytes.
  absl::StatusOr<std::string> Raw(const std::string& method, const std::string& bytes);

  // What grpc.health.v1.Health/Check says of `service`: true when SERVING.
  bool Healthy(const std::string& service);

  // Shuts down, so that nobody writes any more, and gives all log lines.
  std::string StopAndReadLog();

 private:
  RealClock real_clock_;
  std::ostringstream log_text_;
  SeededIds ids_{1};
  LoopbackAuthenticator loopback_;
  Metrics metrics_;
  Log log_;
  ServerCore core_;
  EchoService service_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<testing::v1::EchoService::Stub> stub_;
};

// A context whose deadline no test reaches.
void SetFarDeadline(grpc::ClientContext& context);

}  // namespace rapport::runtime

#endif  // RAPPORT_TESTS_SERVICES_RUNTIME_ECHO_SERVER_H_
