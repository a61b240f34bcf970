// The worked examples of the CMQ wire contract, section "Legacy signature".
#pragma once

#include <string>
#include <vector>

#include "auth/signature.h"

namespace cmq::auth {

inline const std::string example_id = "AKIDEXAMPLE0000000000000000000000000";
inline const std::string example_key = "tEsTSeCrEtKeY0000000000000000000";
inline const std::string example_host = "127.0.0.1:8080";

struct Example {
    std::string what;
    std::string secret_key;
    Digest digest;
    std::string method, host, path;
    Parameters parameters;
    std::string signature;
};

inline Parameters common(const std::string& action, const std::string& nonce) {
    return {{"Action", action},
            {"Nonce", nonce},
            {"SecretId", example_id},
            {"Timestamp", "1700000000"}};
}

inline Parameters joined(Parameters parameters, const Parameters& more) {
    parameters.insert(parameters.end(), more.begin(), more.end());
    return parameters;
}

inline Parameters hello(const std::string& signature_method) {
    return joined(common("SendMessage", "11886"), {{"Region", "gz"},
                                                   {"RequestClient", "SDK_Python_1.3"},
                                                   {"SignatureMethod", signature_method},
                                                   {"delaySeconds", "0"},
                                                   {"msgBody", "hello world &=+/中文"},
                                                   {"queueName", "test-queue-1"}});
}

inline Parameters eleven_bodies() {
    auto parameters = joined(common("BatchSendMessage", "7"),
                             {{"SignatureMethod", "HmacSHA1"}, {"queueName", "q1"}});
    for (int n = 1; n <= 11; ++n)
        parameters.emplace_back("msgBody." + std::to_string(n), "m" + std::to_string(n));
    return parameters;
}

inline Parameters at_home() {
    return joined(common("SendMessage", "7"),
                  {{"SignatureMethod", "HmacSHA1"}, {"msgBody", "@home"}, {"queueName", "q1"}});
}

inline std::vector<Example> examples() {
    const std::string path = "/v2/index.php";
    return {
        {"A, SHA-1, POST", example_key, Digest::sha1, "POST", example_host, path, hello("HmacSHA1"),
         "vutZ2Ym1kxePt2rIplL4xzM1HFk="},
        {"A, SHA-1, GET", example_key, Digest::sha1, "GET", example_host, path, hello("HmacSHA1"),
         "K5YzZrcGAyV/iKTXTU0X0AK0+zA="},
        {"A, SHA-256, POST", example_key, Digest::sha256, "POST", example_host, path,
         hello("HmacSHA256"), "IHpoY9h0mzurO8Cxb3FW6/WLL1RjSU933Y9Yhg4ZS3k="},
        {"A, SHA-256, GET", example_key, Digest::sha256, "GET", example_host, path,
         hello("HmacSHA256"), "oiydYG+/4n/25rXyTOgiPINhjXj8w7DVFyEKkqqf8Bg="},
        {"B, the path of the official Go SDK", example_key, Digest::sha1, "POST", example_host, "/",
         joined(common("SendMessage", "11886"), {{"RequestClient", "SDK_GO_1.2.0"},
                                                 {"SignatureMethod", "HmacSHA1"},
                                                 {"clientRequestId", "42"},
                                                 {"delaySeconds", "0"},
                                                 {"msgBody", "hi"},
                                                 {"queueName", "test-queue-1"}}),
         "UAPRQaxyuQCxHC3CsEkSmueJUso="},
        {"C, eleven bodies sorted by name", example_key, Digest::sha1, "POST", example_host, path,
         eleven_bodies(), "Xyugw/o8VEDGkg7DduvL6/HW+vk="},
        {"D, a value with '@'", example_key, Digest::sha1, "POST", example_host, path, at_home(),
         "JDQbh5AnJMrqgu10XGhmZBO/uQM="},
        {"E, underscores in names", example_key, Digest::sha1, "GET", example_host, path,
         joined(common("ListQueue", "7"), {{"my_param", "x_y"}}), "ILY+0pid/BePbf59MzuZcJvPhNA="},
        {"F, the published vector",
         "Gu5t9xGARNpq86cd98joQYCN3Cozk1qA",
         Digest::sha1,
         "GET",
         "cvm.api.qcloud.com",
         path,
         {{"Action", "DescribeInstances"},
          {"Nonce", "11886"},
          {"Region", "gz"},
          {"SecretId", "AKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA"},
          {"Timestamp", "1465185768"},
          {"instanceIds.0", "ins-09dx96dg"},
          {"limit", "20"},
          {"offset", "0"}},
         "NSI3UqqD99b/UJb4tbG/xZpRW64="},
    };
}

}  // namespace cmq::auth
