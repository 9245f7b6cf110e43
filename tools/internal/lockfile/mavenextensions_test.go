package lockfile

import "testing"

func TestMavensExtensions(t *testing.T) {
	if got := Format("app/.mvn/extensions.xml"); got != "maven-extensions" {
		t.Errorf("the format is %q", got)
	}
	for _, other := range []string{"extensions.xml", "plugin/extensions.xml", ".mvn/pom.xml.bak"} {
		if got := Format(other); got != "" {
			t.Errorf("%s has the format %q", other, got)
		}
	}
	wantRead(t, "maven-extensions", "<extensions xmlns=\"http://maven.apache.org/EXTENSIONS/1.0.0\"><extension>"+
		"<groupId>g</groupId><artifactId>a</artifactId><version>1</version><classLoadingStrategy>plugin</classLoadingStrategy></extension>"+
		"<extension><groupId>g</groupId><artifactId>b</artifactId></extension></extensions>",
		"maven", []Dependency{{Name: "g:a", Version: "1", InstallCode: true}, {Name: "g:b", InstallCode: true}})
	wantProblem(t, "maven-extensions", "<project/>", `the root is "project"`)
	wantProblem(t, "maven-extensions", "<extensions><extension><version>1</version><version>2</version></extension></extensions>", `"version" is there twice`)
}
