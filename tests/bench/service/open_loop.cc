#include "tests/bench/service/open_loop.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace rapport::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Answers are never held up for want of a window.
constexpr int kWindow = 1 << 30;
constexpr double kPatienceSeconds = 10;

[[noreturn]] void Fail(absl::string_view what) {
  std::fprintf(stderr, "the load ends: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

// A message as gRPC frames it: not compressed, its length, its bytes.
std::string Framed(const grpc::ByteBuffer& message) {
  std::vector<grpc::Slice> slices;
  if (!message.Dump(&slices).ok()) std::abort();
  std::string bytes(1, '\0');
  const std::uint32_t length = htonl(static_cast<std::uint32_t>(message.Length()));
  bytes.append(reinterpret_cast<const char*>(&length), sizeof(length));
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

std::vector<std::string> Framed(const std::vector<grpc::ByteBuffer>& messages) {
  std::vector<std::string> framed;
  for (const grpc::ByteBuffer& message : messages) framed.push_back(Framed(message));
  return framed;
}

class Connection {
 public:
  Connection(int port, const std::string& method, std::chrono::milliseconds deadline)
      : deadline_ms_(static_cast<double>(deadline.count())), method_(method) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) {
      Fail("no connection");
    }
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &Connection::OnFrame);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, &Connection::OnHeader);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &Connection::OnClose);
    nghttp2_session_client_new(&session_, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry window = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &window, 1);
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindow);
    headers_ = {Header(":method", "POST"), Header(":scheme", "http"),
                Header(":path", method_),  Header(":authority", "localhost"),
                Header("te", "trailers"),  Header("content-type", "application/grpc"),
                Header("grpc-timeout", "")};
    while (!knows_settings_) Move();  // how many calls may be open
    start_ = Clock::now();
  }
  ~Connection() {
    nghttp2_session_del(session_);
    ::close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The moment from which calls are due; else that of the connection.
  void Start(Clock::time_point now) { start_ = now; }
  double Elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  // Sends a call as soon as the server allows one more to be open, and not at all after its deadline: as
  // gRPC's clients do.
  void Send(const std::string& message, double due_s) {
    waiting_.push_back({&message, due_s});
    SendWaiting();
  }

  // Sends and receives what can be without waiting. Result: whether anything was.
  bool Move() {
    if (unsent_.empty()) {
      const std::uint8_t* bytes = nullptr;
      ssize_t size = 0;
      while (unsent_.size() < kBatch && (size = nghttp2_session_mem_send(session_, &bytes)) > 0)
        unsent_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
      if (size < 0) Fail("nothing can be sent");
    }
    bool moved = false;
    if (!unsent_.empty()) {
      const ssize_t sent = ::send(socket_, unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) Fail("the connection broke");
      if (sent > 0) unsent_.erase(0, static_cast<std::size_t>(sent));
      moved = sent > 0;
    }
    const ssize_t received = ::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (received == 0 || (received < 0 && errno != EAGAIN)) Fail("the connection broke");
    if (received > 0 &&
        nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(buffer_.data()),
                                 static_cast<std::size_t>(received)) < 0) {
      Fail("what came is no HTTP/2");
    }
    SendWaiting();
    return moved || received > 0;
  }

  // Calls that have not ended.
  std::size_t open() const { return open_ + waiting_.size(); }
  const std::vector<Sent>& ended() const { return ended_; }

 private:
  static constexpr std::size_t kBatch = 64 << 10;

  struct Call {
    const std::string* message = nullptr;
    double due_s = 0;
    std::size_t sent = 0;
    int status = -1;
  };

  void SendWaiting() {
    const std::size_t allowed =
        nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
    for (; !waiting_.empty(); waiting_.pop_front()) {
      const auto [message, due_s] = waiting_.front();
      const double waited_ms = (Elapsed() - due_s) * 1e3;
      if (waited_ms >= deadline_ms_) {
        ended_.push_back({due_s, waited_ms, Fate::kLate});
        continue;
      }
      if (open_ >= allowed) return;
      if (free_.empty()) free_.push_back(&calls_.emplace_back());
      Call& call = *free_.back();
      free_.pop_back();
      call = {.message = message, .due_s = due_s};
      const std::string timeout =
          absl::StrCat(static_cast<std::int64_t>(std::ceil(deadline_ms_ - waited_ms)), "m");
      headers_.back() = Header("grpc-timeout", timeout);
      const nghttp2_data_provider body = {{.ptr = &call}, &Connection::Read};
      if (nghttp2_submit_request(session_, nullptr, headers_.data(), headers_.size(), &body, &call) < 0)
        Fail("no stream");
      ++open_;
    }
  }

  static nghttp2_nv Header(absl::string_view name, absl::string_view value) {
    const auto bytes = [](absl::string_view text) {
      return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
    };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
  }

  static ssize_t Read(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t room,
                      std::uint32_t* flags, nghttp2_data_source* source, void*) {
    Call& call = *static_cast<Call*>(source->ptr);
    const std::size_t size = std::min(room, call.message->size() - call.sent);
    std::memcpy(to, call.message->data() + call.sent, size);
    call.sent += size;
    if (call.sent == call.message->size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_SETTINGS) static_cast<Connection*>(self)->knows_settings_ = true;
    return 0;
  }

  static int OnHeader(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                      void*) {
    if (absl::string_view(reinterpret_cast<const char*>(name), name_size) != "grpc-status") return 0;
    Call& call = *static_cast<Call*>(nghttp2_session_get_stream_user_data(session, frame->hd.stream_id));
    if (!absl::SimpleAtoi(absl::string_view(reinterpret_cast<const char*>(value), value_size), &call.status))
      Fail("a status that is no number");
    return 0;
  }

  static int OnClose(nghttp2_session* session, std::int32_t stream, std::uint32_t, void* self) {
    static_cast<Connection*>(self)->End(
        *static_cast<Call*>(nghttp2_session_get_stream_user_data(session, stream)));
    return 0;
  }

  void End(Call& call) {
    const double wait_ms = (Elapsed() - call.due_s) * 1e3;
    Fate fate = wait_ms > deadline_ms_ ? Fate::kLate : Fate::kAnswered;
    if (call.status == 4) {
      fate = Fate::kLate;
    } else if (call.status == 8) {
      fate = Fate::kRefused;
    } else if (call.status != 0) {
      Fail(absl::StrCat("a call failed with status ", call.status));
    }
    ended_.push_back({call.due_s, wait_ms, fate});
    free_.push_back(&call);
    --open_;
  }

  const double deadline_ms_;
  const std::string method_;
  std::vector<nghttp2_nv> headers_;
  bool knows_settings_ = false;
  int socket_ = -1;
  nghttp2_session* session_ = nullptr;
  std::array<char, kBatch> buffer_;
  std::string unsent_;
  std::deque<std::pair<const std::string*, double>> waiting_;  // what to send, and when it was due
  std::deque<Call> calls_;
  std::vector<Call*> free_;
  std::size_t open_ = 0;
  std::vector<Sent> ended_;
  Clock::time_point start_;
};

}  // namespace

std::vector<double> Flow::Waits(Fate fate) const {
  std::vector<double> waits;
  for (const Sent& call : calls) {
    if (call.fate == fate) waits.push_back(call.wait_ms);
  }
  return waits;
}

double CapacityOf(int port, const std::string& method, const std::vector<grpc::ByteBuffer>& requests,
                  std::size_t open_calls, std::chrono::milliseconds duration) {
  const std::vector<std::string> messages = Framed(requests);
  const auto connection = std::make_unique<Connection>(port, method, std::chrono::hours(1));
  const double seconds = std::chrono::duration<double>(duration).count();
  std::size_t sent = 0;
  while (connection->Elapsed() < seconds) {
    for (; connection->open() < open_calls; ++sent)
      connection->Send(messages[sent % messages.size()], connection->Elapsed());
    connection->Move();
  }
  return static_cast<double>(connection->ended().size()) / seconds;
}

std::vector<Flow> RunOpenLoop(int port, const std::string& method,
                              const std::vector<grpc::ByteBuffer>& requests, const Load& load) {
  const std::vector<std::string> messages = Framed(requests);
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < load.connections; ++i)
    connections.push_back(std::make_unique<Connection>(port, method, load.deadline));
  std::mt19937_64 random(load.seed);
  const Clock::time_point start = Clock::now();
  for (const auto& connection : connections) connection->Start(start);
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  std::size_t sent = 0;
  double last_moved_s = 0;
  const auto move = [&](double now_s) {
    for (const auto& connection : connections) {
      if (connection->Move()) last_moved_s = now_s;
    }
  };

  std::vector<Flow> flows;
  std::vector<double> ends_s;
  double begin_s = 0;
  for (const Phase& phase : load.phases) {
    const double seconds = std::chrono::duration<double>(phase.duration).count();
    const double end_s = begin_s + seconds;
    std::exponential_distribution<double> gap(phase.calls_per_second);
    const std::size_t sent_before = sent;
    double due_s = begin_s + gap(random);
    while (due_s < end_s) {
      const double now_s = elapsed();
      for (; due_s < end_s && due_s <= now_s; due_s += gap(random), ++sent)
        connections[sent % connections.size()]->Send(messages[sent % messages.size()], due_s);
      move(now_s);
    }
    Flow flow;
    flow.sent_per_second = static_cast<double>(sent - sent_before) / std::max(seconds, elapsed() - begin_s);
    flows.push_back(std::move(flow));
    ends_s.push_back(end_s);
    begin_s = end_s;
  }
  const auto open = [](const auto& connection) { return connection->open() > 0; };
  last_moved_s = elapsed();
  while (std::any_of(connections.begin(), connections.end(), open)) {
    const double now_s = elapsed();
    move(now_s);
    if (now_s - last_moved_s > kPatienceSeconds) Fail("answers stay away");
  }

  for (const auto& connection : connections) {
    for (Sent call : connection->ended()) {
      const auto phase = static_cast<std::size_t>(std::upper_bound(ends_s.begin(), ends_s.end(), call.due_s) -
                                                  ends_s.begin());
      Flow& flow = flows[phase];
      const double seconds = std::chrono::duration<double>(load.phases[phase].duration).count();
      call.due_s -= ends_s[phase] - seconds;
      flow.calls.push_back(call);
    }
  }
  return flows;
}

}  // namespace rapport::bench
