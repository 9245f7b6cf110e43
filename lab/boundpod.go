package main

import (
	"context"
	"fmt"

	authentication "k8s.io/api/authentication/v1"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// gatedPod creates (or finds) a pod of the account that is never scheduled. To the API server, a token that is bound to it looks like
// the token of a pod, so admission policies treat a process outside the cluster as the account's pod. The token becomes
// invalid when the pod is deleted.
func gatedPod(ctx context.Context, client kubernetes.Interface, namespace, account, name string) (*authentication.BoundObjectReference, error) {
	yes, no := true, false
	pods := client.CoreV1().Pods(namespace)
	pod, err := pods.Create(ctx, &core.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: core.PodSpec{
			ServiceAccountName:           account,
			AutomountServiceAccountToken: &no,
			SchedulingGates:              []core.PodSchedulingGate{{Name: "lab.cleanroom.dev/never-scheduled"}},
			// As Pod Security restricted requires, although no container ever runs.
			SecurityContext: &core.PodSecurityContext{
				RunAsNonRoot:   &yes,
				SeccompProfile: &core.SeccompProfile{Type: core.SeccompProfileTypeRuntimeDefault},
			},
			Containers: []core.Container{{
				Name:  "none",
				Image: "registry.example.com/none",
				SecurityContext: &core.SecurityContext{
					AllowPrivilegeEscalation: &no,
					Capabilities:             &core.Capabilities{Drop: []core.Capability{"ALL"}},
				},
			}},
		},
	}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		pod, err = pods.Get(ctx, name, metav1.GetOptions{})
	}
	if err != nil {
		return nil, err
	}
	if pod.Spec.ServiceAccountName != account {
		return nil, fmt.Errorf("pod %s/%s exists already, and its account is %s", namespace, name, pod.Spec.ServiceAccountName)
	}
	return &authentication.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID}, nil
}
