// A unary handler in one expression: deadline, identity, bounded executor, parse, run, answer, record.
//
//   class IntakeGrpc final : public intake::v1::IntakeService::WithRawCallbackMethod_GetReferral<
//                                intake::v1::IntakeService::Service> {
//     grpc::ServerUnaryReactor* GetReferral(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
//                                           grpc::ByteBuffer* out) override {
//       return Unary<GetReferralRequest, Referral>(
//           core_, kGetReferral, context, in, out,
//           [this](const Call& call, const GetReferralRequest& request) { return intake_.Get(call, request);
//           });
//     }
//   };
#ifndef RAPPORT_SERVICES_RUNTIME_UNARY_H_
#define RAPPORT_SERVICES_RUNTIME_UNARY_H_

#include <functional>
#include <utility>

#include "absl/status/statusor.h"
#include "google/protobuf/arena.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "services/runtime/codec.h"
#include "services/runtime/message_writer.h"
#include "services/runtime/rpc.h"

namespace rapport::runtime {

// What a business function may do.
enum class Nature {
  kMayWait,   // for a database, a lock, another service: runs on the executor
  kComputes,  // never waits: may run on the thread that read the call (Executor::TryRun)
};

namespace internal {
// Admits the RPC, runs `work`, finishes. gRPC owns the reactor.
grpc::ServerUnaryReactor* StartUnary(ServerCore& core, const Method& method,
                                     grpc::CallbackServerContext* context, Nature nature,
                                     std::function<absl::Status(const Call&)> work);
// Options of an arena that begins in a block which this thread keeps. One such arena at a time on a thread.
google::protobuf::ArenaOptions ThreadArena();
// An empty writer that this thread keeps. One user at a time on a thread.
MessageWriter& ThreadWriter();
}  // namespace internal

// Runs `run` on an executor thread and answers with its result. `run` validates first, is called at most
// once, and not at all when the caller may not call, the bytes are not a Request (MALFORMED_MESSAGE), the
// queue is full (OVERLOADED), or deadline or caller are gone. What `run` throws becomes INTERNAL. `core` must
// outlive the server.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* Unary(ServerCore& core, const Method& method, grpc::CallbackServerContext* context,
                                const grpc::ByteBuffer* in, grpc::ByteBuffer* out,
                                std::function<absl::StatusOr<Response>(const Call&, const Request&)> run) {
  return internal::StartUnary(core, method, context, Nature::kMayWait,
                              [in, out, run = std::move(run)](const Call& call) -> absl::Status {
                                Request request;
                                if (absl::Status parsed = Decode(*in, &request); !parsed.ok()) return parsed;
                                absl::StatusOr<Response> response = run(call, request);
                                if (!response.ok()) return response.status();
                                return Encode(*response, out);
                              });
}

// As Unary, for a `run` that computes and never waits, and for answers of many parts: it writes the answer's
// bytes. The request lives in an arena whose first block each thread keeps, and each thread keeps a writer.
template <typename Request>
grpc::ServerUnaryReactor* UnaryInto(
    ServerCore& core, const Method& method, grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
    grpc::ByteBuffer* out,
    std::function<absl::Status(const Call&, const Request&, MessageWriter& answer)> run) {
  return internal::StartUnary(core, method, context, Nature::kComputes,
                              [in, out, run = std::move(run)](const Call& call) -> absl::Status {
                                google::protobuf::Arena arena(internal::ThreadArena());
                                auto& request = *google::protobuf::Arena::CreateMessage<Request>(&arena);
                                if (absl::Status parsed = Decode(*in, &request); !parsed.ok()) return parsed;
                                MessageWriter& answer = internal::ThreadWriter();
                                if (absl::Status status = run(call, request, answer); !status.ok())
                                  return status;
                                return Encode(answer, out);
                              });
}

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_UNARY_H_
